import type { Body } from "@/api/client";
import type { Seconds } from "@/place/span";
import { instant } from "@/time/format";
import { term } from "@/words/term";

export type Incident = Body<"IncidentBody">;
export type Detail = Body<"IncidentDetail">;

/** Severities, the gravest first. */
export const SEVERITIES = ["P1", "P2", "P3", "P4"] as const;

/** How an incident stands, in one word. */
export type Standing = "over" | "silenced" | "mitigated" | "acknowledged" | "open";

/** How `incident` stands at `now`: what matters most to somebody who looks for what to do. */
export function standing(incident: Incident, now: Seconds): Standing {
  if (incident.state !== "open") return "over";
  if (incident.silent_until && instant(incident.silent_until) > now) return "silenced";
  if (incident.mitigated) return "mitigated";
  return incident.acknowledged ? "acknowledged" : "open";
}

/** Seconds from the first sign to the end, or until `now`. */
export function lasted(incident: Incident, now: Seconds): number {
  return (incident.resolved ? instant(incident.resolved) : now) - instant(incident.first_sign);
}

/** Seconds before an incident and after it that belong to its story. */
const MARGIN_S = 1800;
const MINUTE_S = 60;

/** The time around `incident`, in whole minutes: half an hour before it, and after it as far as that is past. */
export function around(incident: Incident, now: Seconds): { from: Seconds; to: Seconds } {
  const end = incident.resolved ? instant(incident.resolved) + MARGIN_S : now;
  const whole = (at: Seconds) => Math.floor(at / MINUTE_S) * MINUTE_S;
  return { from: whole(instant(incident.first_sign) - MARGIN_S), to: whole(Math.min(end, now)) + MINUTE_S };
}

/** What the members of a group share: its kind in words, then its name. */
export function scopeOf({ scope }: Incident): string {
  const [kind = "", ...name] = (scope ?? "").split(" ");
  return [term("scopes", kind), ...name].join(" ");
}
