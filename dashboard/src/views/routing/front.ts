import { ms, percent } from "@/time/format";
import type { Point } from "./board";

/** What a mix is compared by, besides its cost. */
export type Axis = "latency_ms" | "slow";

/** A mix with its number, the cheapest first; 0 is what holds now. */
export interface Spot extends Point {
  number: number;
}

/** A value of an axis, as people read it. */
export function onAxis(axis: Axis, value: number | null): string {
  return axis === "slow" ? percent(value) : ms(value);
}
