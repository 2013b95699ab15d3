import { expect, test } from "vitest";
import { heldAt, weightsOver } from "./history";
import type { Decision } from "./reason";

const decision = (generation: number, second: number, east: number) =>
  ({
    generation,
    issued_at: new Date(second * 1000).toISOString(),
    weights: { east, west: 1 - east },
  }) as unknown as Decision;

const ALL = [decision(3, 90, 0.2), decision(2, 60, 0.6), decision(1, 10, 1)];

test("shares hold from one decision to the next, and the last until now", () => {
  expect(weightsOver(ALL, "east", 120)).toEqual({ t: [10, 60, 90, 120], v: [1, 0.6, 0.2, 0.2] });
  expect(weightsOver([], "east", 120)).toEqual({ t: [], v: [] });
});

test("before the first decision nothing is known", () => {
  expect(heldAt(ALL, 5)).toBeUndefined();
  expect(heldAt(ALL, 89)?.generation).toBe(2);
});
