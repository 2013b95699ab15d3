import { expect, test } from "vitest";
import { columnsFor, pointsOf } from "./samples";

// The description says no more of points than that they are objects.
const samples = (rows: object[]) => ({ points: rows as Record<string, never>[] });
const TWO = samples([
  { ts: "1970-01-01T00:01:00Z", requests: 10, errors: 1, latency_p95_ms: 80 },
  { ts: "1970-01-01T00:02:00Z", requests: 0, errors: 0, latency_p95_ms: null },
]);

test("columns are read as they are, gaps as gaps", () => {
  expect(pointsOf(TWO, "latency_p95_ms")).toEqual({ t: [60, 120], v: [80, null] });
});

test("a ratio is made of two columns, and unknown where nobody called", () => {
  expect(columnsFor(["error_ratio", "throttled_ratio", "requests"])).toBe("errors,requests,throttled");
  expect(pointsOf(TWO, "error_ratio").v).toEqual([0.1, null]);
  expect(pointsOf(samples([{ ts: "1970-01-01T00:01:00Z", requests: null, errors: 3 }]), "error_ratio").v).toEqual([
    null,
  ]);
});
