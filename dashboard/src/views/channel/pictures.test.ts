import { expect, test } from "vitest";
import { inks } from "@/charts/ink";
import { expected } from "./pictures";

test("what was expected is a fan with gaps where nothing was", () => {
  const minutes = ["2026-11-22T10:00:00Z", "2026-11-22T10:01:00Z", "2026-11-22T10:05:00Z"];
  const series = [{ column: "requests", unit: "calls", q05: [1, null, 3], q50: [2, null, 4], q95: [3, null, 5] }];
  const of = { channel: "a", lead_s: 900, minutes, series };
  const [fan] = expected(of, "requests", inks("g100"), "then");
  expect(fan?.low).toEqual([1, null, null, 3]);
  expect(fan?.high).toEqual([3, null, null, 5]);
  expect(fan?.t.map((at) => at - (fan.t[0] ?? 0))).toEqual([0, 60, 120, 300]);
  expect(expected(of, "cost_usd", inks("g100"), "then")).toEqual([]);
  expect(expected(undefined, "requests", inks("g100"), "then")).toEqual([]);
});
