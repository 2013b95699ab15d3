import { expect, test } from "vitest";
import { frames, minutesAround, type Seen, valueAt } from "./frames";
import type { Decision } from "./reason";

const decision = (generation: number, parent: number, second: number, east: number) =>
  ({
    generation,
    parent,
    issued_at: new Date(second * 1000).toISOString(),
    weights: { east, west: 1 - east },
  }) as unknown as Decision;

const FIRST = decision(1, 0, 0, 1);
// Ten seconds after a whole minute.
const SECOND = decision(2, 1, 6010, 0.25);

function seen(failing: number): Seen {
  const t = Array.from({ length: 200 }, (_, minute) => minute * 60);
  const all = (value: number) => ({ t, v: t.map(() => value) });
  return { calls: all(9), failing: all(failing), p95_ms: all(80), latency_ms: all(50), cost_usd: all(1), risk: all(0) };
}

test("a replay runs from a quarter of an hour before to half an hour after, as far as that is over", () => {
  expect(minutesAround(SECOND, 1e6)).toEqual({ from: 6000 - 900, to: 6000 + 1800 });
  expect(minutesAround(SECOND, 6100).to).toBe(6060);
});

test("with the change and without it, by what the channels did", () => {
  const all = frames(SECOND, [SECOND, FIRST], { east: seen(0.4), west: seen(0) }, 1e6);
  expect(all).toHaveLength(46);
  const [before, after] = [all[14], all[15]];
  expect(before?.decided).toEqual(before?.without);
  expect(before?.decided.failing).toBeCloseTo(0.4);
  expect(after?.decided.failing).toBeCloseTo(0.1);
  expect(after?.without.failing).toBeCloseTo(0.4);
  expect(after?.rows[0]).toMatchObject({ channel: "east", share: 0.25, without: 1 });
});

test("a channel that nobody knows leaves the mix unknown, unless it has no share", () => {
  const gaps = { ...seen(0), failing: { t: [], v: [] } };
  const all = frames(SECOND, [SECOND, FIRST], { east: gaps, west: seen(0.1) }, 1e6);
  expect(all[0]?.decided.failing).toBeNull();
  expect(frames(FIRST, [FIRST], { east: seen(0.1), west: gaps }, 60).at(-1)?.decided.failing).toBeCloseTo(0.1);
});

test("the nearest known minute counts, the earlier of two, and none beyond", () => {
  const points = { t: [0, 60, 120, 180], v: [1, null, null, 4] };
  expect([0, 60, 120].map((at) => valueAt(points, at, 2))).toEqual([1, 1, 4]);
  expect(valueAt(points, 60, 0)).toBeNull();
  expect(valueAt(points, 600, 5)).toBeNull();
});
