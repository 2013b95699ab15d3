import { expect, test } from "vitest";
import { highest, overall, worstFirst } from "./heat";

const row = (channel: string, bad: (number | null)[], ...risks: number[]) => ({
  channel,
  calls: 10 * bad.filter((step) => step !== null).length,
  harmed: bad.reduce<number>((sum, step) => sum + 10 * (step ?? 0), 0),
  bad,
  risks: risks.map((probability, at) => ({ horizon_s: 300 * (at + 1), probability })),
});

test("nobody calling is no health", () => {
  expect(overall(row("a", [null, 0.2, null, 0.4]))).toBeCloseTo(0.3);
  expect(overall(row("a", [null]))).toBeNull();
  expect(highest(row("a", []))).toBeNull();
});

test("what fails now comes before what may fail, and that before what is well", () => {
  const rows = [row("well", [0], 0.01), row("soon", [0], 0.2, 0.7), row("ill", [0, 0.5], 0.1), row("also", [0], 0.01)];
  expect(worstFirst(rows).map(({ channel }) => channel)).toEqual(["ill", "soon", "also", "well"]);
});
