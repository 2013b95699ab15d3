import type { Body } from "@/api/client";
import { named, type Shares } from "@/api/shapes";

/** The decision that holds, as consumers get it. */
export interface Held {
  generation: number;
  issued_at: string;
  valid_until: string;
  trigger: string;
  weights: Shares;
  /** Seconds between two single calls, by channel. */
  probes: Shares;
  why: string;
}

/** One channel as the planner sees it; `null` is not known, of `room_per_min` that there is no quota. */
export interface Candidate {
  cost_usd: number | null;
  latency_ms: number | null;
  slow: number | null;
  failing: number | null;
  risk: number | null;
  incident: string | null;
  standing: unknown;
  room_per_min: number | null;
  tried_per_min: number | null;
}

/** What a mix of channels does to a call on average. */
export interface Worth {
  cost_usd: number | null;
  latency_ms: number | null;
  slow: number | null;
  failing: number | null;
}

/** A mix of which no other is both cheaper and faster. */
export interface Point extends Worth {
  shares: Shares;
}

/** A route class, with the types that the description leaves out. */
export interface Route {
  class: string;
  held: Held | undefined;
  lastPlan: string | null | undefined;
  channels: [name: string, candidate: Candidate][];
  front: Point[];
}

/** A route class as the interface tells it. */
export function routeOf(body: Body<"RouteBody">): Route {
  const held = named<unknown>(body.decision);
  return {
    class: body.class,
    held: "generation" in held ? (held as unknown as Held) : undefined,
    lastPlan: body.last_plan,
    channels: Object.entries(named<Candidate>(body.channels)),
    front: ((body.front as unknown) ?? []) as Point[],
  };
}

/** Shares below this are of no weight. */
const NOTHING = 1e-9;

/** What `shares` of the calls do to a call on average, by what `channels` do; unknown where a channel that counts is. */
export function worth(shares: Shares, channels: [string, Candidate][]): Worth {
  const of = new Map(channels);
  const mean = (value: (candidate: Candidate) => number | null): number | null => {
    let sum = 0;
    for (const [channel, share] of Object.entries(shares)) {
      if (share < NOTHING) continue;
      const candidate = of.get(channel);
      const known = candidate ? value(candidate) : null;
      if (known === null || known === undefined) return null;
      sum += share * known;
    }
    return sum;
  };
  return {
    cost_usd: mean((it) => it.cost_usd),
    latency_ms: mean((it) => it.latency_ms),
    slow: mean((it) => it.slow),
    failing: mean((it) => it.failing),
  };
}
