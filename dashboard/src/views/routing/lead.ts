import type { Body } from "@/api/client";
import { named } from "@/api/shapes";
import { instant } from "@/time/format";
import { type Decision, leftAhead, reasonsOf, variant } from "./reason";

type Incident = Body<"IncidentBody">;

/** How a decision stands to the trouble it is about: before it, or after it. */
export type Lead =
  | { kind: "ahead"; channel: string; came: boolean | undefined; lead_s: number | undefined }
  | { kind: "after"; channel: string; incident: string; lag_s: number };

/** Seconds within which what was foreseen must come. */
const WITHIN_S = 3600;
/** Causes that are there already. */
const THERE = new Set(["incident", "slow", "failing", "shut"]);

/** For each channel that a decision leaves: how long before its trouble that was, or how long after its first sign. */
export function leads(decision: Decision, incidents: Incident[]): Lead[] {
  const at = instant(decision.issued_at);
  const of = (channel: string) => incidents.filter((it) => it.channel === channel);
  const came = named<boolean>(decision.foreseen);
  const ahead = [...new Set([...leftAhead(decision), ...Object.keys(came)])];
  const before = ahead.map((channel): Lead => {
    const next = of(channel)
      .map((it) => instant(it.first_sign) - at)
      .filter((lead) => lead >= 0 && lead <= WITHIN_S)
      .sort((one, other) => one - other)[0];
    return { kind: "ahead", channel, came: came[channel] ?? (next === undefined ? undefined : true), lead_s: next };
  });
  const after = leftBecauseOf(decision, THERE)
    .filter((channel) => !ahead.includes(channel))
    .flatMap((channel): Lead[] => {
      const going = of(channel).filter(
        (it) => instant(it.first_sign) <= at && (!it.resolved || instant(it.resolved) > at),
      );
      const newest = going.sort((one, other) => other.first_sign.localeCompare(one.first_sign))[0];
      return newest ? [{ kind: "after", channel, incident: newest.id, lag_s: at - instant(newest.first_sign) }] : [];
    });
  return [...before, ...after];
}

function leftBecauseOf(decision: Decision, causes: Set<string>): string[] {
  const channels = reasonsOf(decision).reasons.flatMap(({ name, told }) => {
    const leaves = name === "moved" && Number(told.to) < Number(told.from);
    return leaves && causes.has(variant(told.because)?.name ?? "") ? [String(told.channel)] : [];
  });
  return [...new Set(channels)];
}
