import type { Body } from "@/api/client";
import { type Named, named } from "@/api/shapes";

export type Decision = Body<"PastDecision">;

/** A variant of a Rust enum as JSON has it: a bare name, or one name with its members. */
export type Tagged = string | Named<Named<unknown>>;

/** A variant, taken apart. */
export interface Variant {
  name: string;
  told: Named<unknown>;
}

/** Takes a variant apart; `undefined` if it is none. */
export function variant(of: unknown): Variant | undefined {
  if (typeof of === "string") return { name: of, told: {} };
  if (typeof of !== "object" || of === null) return undefined;
  const [entry] = Object.entries(of);
  return entry && { name: entry[0], told: named<unknown>(entry[1]) };
}

/** Why a decision is as it is. */
export interface Reasons {
  reasons: Variant[];
  binding: Variant[];
}

/** The typed reasons of a decision; empty where it has none. */
export function reasonsOf({ reasons }: Pick<Decision, "reasons">): Reasons {
  const told = named<unknown>(reasons);
  const list = (of: unknown) => (Array.isArray(of) ? of : []).flatMap((it) => variant(it) ?? []);
  return { reasons: list(told.reasons), binding: list(told.binding) };
}

/** Causes that lie ahead: nothing was wrong yet. */
const AHEAD = new Set(["will_be_slow", "risk"]);

/** Channels that were left because of what was foreseen, and not of what was there. */
export function leftAhead(decision: Pick<Decision, "reasons">): string[] {
  const channels = reasonsOf(decision).reasons.flatMap(({ name, told }) => {
    const cause = variant(told.because);
    const shut = cause?.name === "shut" && cause.told.reason === "forecast";
    const leaves = name === "rejected" || (name === "moved" && Number(told.to) < Number(told.from));
    return leaves && cause && (AHEAD.has(cause.name) || shut) ? [String(told.channel)] : [];
  });
  return [...new Set(channels)];
}

/** Whether a decision is about `channel`: its share changed, or something is said of it. */
export function concerns(decision: Pick<Decision, "reasons">, channel: string): boolean {
  const { reasons } = reasonsOf(decision);
  return reasons.some(({ name, told }) => told.channel === channel && name !== "spared");
}

/** A change of one channel's share. */
export interface Move {
  channel: string;
  from: number;
  to: number;
}

/** Smaller changes are of no interest to people. */
const LEAST_MOVE = 0.002;

/** What changes between two mixes, the largest change first. */
export function moves(before: Named<number>, after: Named<number>): Move[] {
  const channels = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return channels
    .map((channel) => ({ channel, from: before[channel] ?? 0, to: after[channel] ?? 0 }))
    .filter(({ from, to }) => Math.abs(to - from) >= LEAST_MOVE)
    .sort((one, other) => Math.abs(other.to - other.from) - Math.abs(one.to - one.from));
}
