import type { Shares } from "@/api/shapes";
import type { Points } from "@/charts/picture";
import type { Seconds } from "@/place/span";
import { instant } from "@/time/format";
import { heldAt, parentOf, sharesOf } from "./history";
import type { Decision } from "./reason";

export const MINUTE_S = 60;
/** Minutes of a replay before its decision, and after it. */
const BEFORE_MIN = 15;
const AFTER_MIN = 30;
/** Minutes away from one without calls within which what a channel did still counts. */
const NEAR_MIN = 5;

/** What was seen of a channel, minute by minute. */
export interface Seen {
  calls: Points;
  failing: Points;
  p95_ms: Points;
  latency_ms: Points;
  cost_usd: Points;
  risk: Points;
}

/** One channel in one minute; `null` is not known. */
export interface Row {
  channel: string;
  share: number | null;
  /** Its share without the decision. */
  without: number | null;
  calls: number | null;
  failing: number | null;
  p95_ms: number | null;
  risk: number | null;
}

/** What a call of a mix met on average. */
export interface Met {
  failing: number | null;
  latency_ms: number | null;
  cost_usd: number | null;
}

/** One minute of a replay. */
export interface Frame {
  at: Seconds;
  rows: Row[];
  decided: Met;
  without: Met;
}

/** The minutes that the replay of a decision shows, as far as they are over. */
export function minutesAround(decision: Decision, now: Seconds): { from: Seconds; to: Seconds } {
  const at = Math.floor(instant(decision.issued_at) / MINUTE_S) * MINUTE_S;
  const over = Math.floor(now / MINUTE_S) * MINUTE_S;
  return { from: at - BEFORE_MIN * MINUTE_S, to: Math.max(Math.min(at + AFTER_MIN * MINUTE_S, over), at) };
}

/** Replays `decision`: each minute as it was decided, and as it would have been had nothing been changed. */
export function frames(decision: Decision, decisions: Decision[], seen: Record<string, Seen>, now: Seconds): Frame[] {
  const { from, to } = minutesAround(decision, now);
  const issued = instant(decision.issued_at);
  const parent = parentOf(decision, decisions);
  const made: Frame[] = [];
  for (let at = from; at <= to; at += MINUTE_S) {
    // What holds for most of a minute counts for it.
    const middle = at + MINUTE_S / 2;
    const held = heldAt(decisions, middle);
    const shares = held && sharesOf(held);
    const without = middle < issued ? shares : parent && sharesOf(parent);
    made.push({
      at,
      rows: Object.entries(seen).map(([channel, it]) => row(channel, it, at, shares, without)),
      decided: met(shares, seen, at),
      without: met(without, seen, at),
    });
  }
  return made;
}

function row(channel: string, seen: Seen, at: Seconds, shares: Shares | undefined, without: Shares | undefined): Row {
  return {
    channel,
    share: shares ? (shares[channel] ?? 0) : null,
    without: without ? (without[channel] ?? 0) : null,
    calls: valueAt(seen.calls, at, 0),
    failing: valueAt(seen.failing, at, 0),
    p95_ms: valueAt(seen.p95_ms, at, 0),
    risk: valueAt(seen.risk, at, NEAR_MIN),
  };
}

/** What a call met on average, had calls been shared out so; not known where a channel that counts is not. */
function met(shares: Shares | undefined, seen: Record<string, Seen>, at: Seconds): Met {
  const mean = (points: (seen: Seen) => Points): number | null => {
    if (!shares) return null;
    let sum = 0;
    for (const [channel, share] of Object.entries(shares)) {
      if (share === 0) continue;
      const of = seen[channel];
      const value = of ? valueAt(points(of), at, NEAR_MIN) : null;
      if (value === null) return null;
      sum += share * value;
    }
    return sum;
  };
  return {
    failing: mean((it) => it.failing),
    latency_ms: mean((it) => it.latency_ms),
    cost_usd: mean((it) => it.cost_usd),
  };
}

/** The value of the minute `at`, or of the nearest known one within `near` minutes, the earlier first. */
export function valueAt({ t, v }: Points, at: Seconds, near: number): number | null {
  let best: number | null = null;
  let distance = Number.POSITIVE_INFINITY;
  t.forEach((instant, index) => {
    const away = Math.abs(instant - at);
    const value = v[index];
    if (value != null && away < distance && away <= near * MINUTE_S) [best, distance] = [value, away];
  });
  return best;
}
