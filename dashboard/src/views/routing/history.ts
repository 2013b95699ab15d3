import type { Shares } from "@/api/shapes";
import { named } from "@/api/shapes";
import type { Points } from "@/charts/picture";
import { iso, type Seconds, type Span } from "@/place/span";
import { instant } from "@/time/format";
import type { Decision } from "./reason";

/** Minutes before a span in which the decision is looked for that held at its start. */
const BEFORE_MIN = 240;

/** The span with some time before it, as the interface takes it. */
export function decisionsQuery(span: Span): { from: string; to?: string } {
  if (span.kind === "last") return { from: `-${span.minutes + BEFORE_MIN}m` };
  return { from: iso(span.from - BEFORE_MIN * 60), to: iso(span.to) };
}

/** The shares of a decision. */
export function sharesOf(decision: Decision): Shares {
  return named<number>(decision.weights);
}

/** Decisions in the order of time. */
export function ascending(decisions: Decision[]): Decision[] {
  return decisions.toSorted(
    (one, other) => one.issued_at.localeCompare(other.issued_at) || one.generation - other.generation,
  );
}

/** The share of each channel over time: what a decision says holds until the next one, and the last one until `to`. */
export function weightsOver(decisions: Decision[], channel: string, to: Seconds): Points {
  const points: Points = { t: [], v: [] };
  for (const decision of ascending(decisions)) {
    const at = instant(decision.issued_at);
    // Two in one second are one on the axis.
    if (points.t.at(-1) === at) points.v.pop();
    else points.t.push(at);
    points.v.push(sharesOf(decision)[channel] ?? 0);
  }
  const last = points.t.at(-1);
  if (last !== undefined && last < to) {
    points.t.push(to);
    points.v.push(points.v.at(-1) ?? null);
  }
  return points;
}

/** The decision that held at `at`; `undefined` before the first that is known. */
export function heldAt(decisions: Decision[], at: Seconds): Decision | undefined {
  return ascending(decisions).findLast((decision) => instant(decision.issued_at) <= at);
}

/** The decision whose shares another replaced; renewals between them change nothing, and need not be known. */
export function parentOf(decision: Decision, decisions: Decision[]): Decision | undefined {
  return ascending(decisions).findLast((it) => it.generation < decision.generation);
}
