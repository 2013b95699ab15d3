import { expect, test } from "vitest";
import { aligned, ceiling, type Line, type Picture, withGaps } from "./picture";

const line = (t: number[], v: (number | null)[]): Line => ({ label: "line", ink: "red", points: { t, v } });

test("a step that is missing is a gap and no line over it", () => {
  const seen = withGaps({ t: [0, 60, 240], v: [1, 2, 3] }, 60);
  expect(seen).toEqual({ t: [0, 60, 120, 240], v: [1, 2, null, 3] });
});

test("fans come before lines, low and high, on one axis of time", () => {
  const fan = { label: "fan", fill: "blue", t: [60, 120], low: [1, 2], high: [3, 4] };
  const [t, low, high, truth] = aligned({ unit: "ms", lines: [line([0, 60], [5, 6])], fans: [fan] });
  expect(t).toEqual([0, 60, 120]);
  expect([low?.[1], high?.[2], truth?.[0]]).toEqual([1, 4, 5]);
});

test("the axis ends above what is shown: a wide fan is cut, a limit that is near is in", () => {
  const picture: Picture = { unit: "ms", lines: [line([0, 60, 600], [10, 20, 999])] };
  expect(ceiling(picture, 0, 60)).toBeCloseTo(22);
  const fan = { label: "fan", fill: "blue", t: [60], low: [0], high: [1000] };
  expect(ceiling({ ...picture, fans: [fan] }, 0, 60)).toBeCloseTo(55);
  expect(ceiling({ ...picture, limit: 30 }, 0, 60)).toBeCloseTo(33);
  expect(ceiling({ ...picture, limit: 300 }, 0, 60)).toBeCloseTo(22);
  expect(ceiling({ unit: "ratio", lines: [line([0], [null])] }, 0, 60)).toBe(0.05);
});
