import { expect, test } from "vitest";
import type { Body } from "@/api/client";
import { expectedBand, oddMinutes } from "./evidence";

function judged(minute: number, told: Partial<Body<"AnomalyBody">> = {}): Body<"AnomalyBody"> {
  const ts = new Date(minute * 60_000).toISOString();
  const expected = { low: 1, middle: 2, high: 3 };
  return {
    ts,
    column: "latency_p95_ms",
    state: "judged",
    score: 0.9,
    anomaly: true,
    value: 9,
    expected,
    votes: {},
    ...told,
  } as Body<"AnomalyBody">;
}

test("bands of minutes in a row touch, and there is nothing between others", () => {
  const band = expectedBand([judged(1), judged(2), judged(9)], "latency_p95_ms");
  expect(band.t).toEqual([60, 119, 120, 179, 180, 540, 599, 600]);
  expect(band.low).toEqual([1, 1, 1, 1, null, 1, 1, null]);
});

test("only what was odd in this column is marked", () => {
  const all = [judged(1), judged(2, { anomaly: false }), judged(3, { column: "requests" }), judged(4, { value: null })];
  expect(oddMinutes(all, "latency_p95_ms").map(({ t }) => t)).toEqual([60]);
});
