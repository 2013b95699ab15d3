import i18next from "i18next";
import { beforeAll, describe, expect, it } from "vitest";
import { GAP, usd } from "./format";

beforeAll(() => i18next.init({ lng: "en" }));

describe("money", () => {
  it("has cents, more digits where it is little, and none of thousands", () => {
    expect([1234.5, 12.3, 0.8, 0.0523, 0.000822, 0, -36.3].map((value) => usd(value))).toEqual([
      "$1,235",
      "$12.30",
      "$0.80",
      "$0.0523",
      "$0.000822",
      "$0.00",
      "-$36.30",
    ]);
    expect(usd(1e-30)).toBe("$0.00");
    expect(usd(null)).toBe(GAP);
    expect(usd(Number.NaN)).toBe(GAP);
  });
});
