import { expect, test } from "vitest";
import { scale } from "./scale";

test("values lie within the pixels, and ticks are round", () => {
  const x = scale([0.0002, 0.0006], [50, 450], 4);
  expect(x(0.0002)).toBeGreaterThan(50);
  expect(x(0.0006)).toBeLessThan(450);
  expect(x.ticks.map((tick) => Number((tick * 1e4).toFixed(6)))).toEqual([2, 4, 6]);
});

test("values that hardly differ have ticks that read differently", () => {
  const ticks = scale([3200, 3201], [0, 100], 4).ticks.map((tick) => (tick / 1000).toFixed(2));
  expect(new Set(ticks).size).toBe(ticks.length);
});

test("one value has room around it, and nothing goes below zero that is not", () => {
  expect(scale([5], [0, 100], 3)(5)).toBe(50);
  expect(Math.min(...scale([0, 1], [0, 100], 3).ticks)).toBe(0);
});
