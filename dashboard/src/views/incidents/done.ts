import type { Body } from "@/api/client";
import { concerns, type Decision } from "@/views/routing/reason";

export type Action = Body<"ActionBody">;

/** Something that was done about an incident. */
export type Deed =
  | { kind: "decision"; at: string; decision: Decision }
  | { kind: "action"; at: string; action: Action };

/** Decisions about `channels` and what playbooks did to them, in the order of time. */
export function deeds(channels: string[], decisions: Decision[], actions: Action[]): Deed[] {
  const decided = decisions
    .filter((decision) => channels.some((channel) => concerns(decision, channel)))
    .map((decision): Deed => ({ kind: "decision", at: decision.issued_at, decision }));
  const acted = actions
    .filter(({ channel }) => channels.includes(channel))
    .map((action): Deed => ({ kind: "action", at: action.began_at, action }));
  // A run begins at the same instant as its first step, and comes before it.
  const step = (deed: Deed) => (deed.kind === "action" ? deed.action.step : -1);
  return [...decided, ...acted].sort((one, other) => one.at.localeCompare(other.at) || step(one) - step(other));
}

/** The channels of an incident: its own, or those of the members of a group. */
export function channelsOf(detail: Body<"IncidentDetail">): string[] {
  const members = (detail.incidents ?? []).flatMap(({ channel }) => channel ?? []);
  return [...new Set(detail.channel ? [detail.channel] : members)];
}
