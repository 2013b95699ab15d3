import { describe, expect, it } from "vitest";
import { usualLimit } from "./limit";

const span = { spent_usd: 3, tokens: 600, requests: 30, expected_usd: 7 };
const line = { name: "a", day: span, month: { ...span, limit_usd: 90 } };

describe("the limit to begin with", () => {
  it("is the configured one, else one that people would choose", () => {
    expect(usualLimit([line], "cost_usd", "month")).toBe(90);
    expect(usualLimit([line], "cost_usd", "day")).toBe(10);
    expect(usualLimit([line], "tokens", "day")).toBe(2000);
    expect(usualLimit([line], "requests", "minute")).toBe(0.05);
    expect(usualLimit([], "cost_usd", "day")).toBe(1);
  });
});
