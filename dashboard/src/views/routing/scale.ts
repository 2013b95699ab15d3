/** A line of numbers on a line of pixels. */
export interface Scale {
  (value: number): number;
  ticks: number[];
}

/** Steps that people count in. */
const STEPS = [1, 2, 2.5, 5, 10];

/** Room on both sides of the values at least, as a part of the largest. */
const LEAST_ROOM = 0.02;

/** A scale that holds all of `values` with some room, with about `count` round ticks within. */
export function scale(values: number[], pixels: [from: number, to: number], count: number): Scale {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  // What hardly differs is not made to look different: ticks would read the same.
  const room = Math.max((high - low) * 0.12, Math.abs(high) * LEAST_ROOM) || 1;
  const [from, to] = [Math.max(low - room, Math.min(low, 0)), high + room];
  const place = (value: number) => pixels[0] + ((value - from) / (to - from)) * (pixels[1] - pixels[0]);
  return Object.assign(place, { ticks: roundTicks(from, to, count) });
}

function roundTicks(from: number, to: number, count: number): number[] {
  const wanted = (to - from) / Math.max(count, 1);
  const power = 10 ** Math.floor(Math.log10(wanted));
  const step = (STEPS.find((it) => it * power >= wanted) ?? 10) * power;
  const first = Math.ceil(from / step);
  const last = Math.floor(to / step);
  return Array.from({ length: Math.max(last - first + 1, 0) }, (_, index) => (first + index) * step);
}
