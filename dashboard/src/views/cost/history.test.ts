import { describe, expect, it } from "vitest";
import { asDay, boundsOf, held, question, slotsOf, spentSoFar } from "./history";

const DAY = "2026-11-22";
const columns = ["slot", "usd", "prompt", "completion", "cached"];
const rows = [
  [3, 2.5, 100, 10, 5],
  [2, 1.5, 200, 20, null],
];

describe("bounds", () => {
  it("are those of the UTC day and of the calendar month, December included", () => {
    expect(boundsOf("day", DAY).to - boundsOf("day", DAY).from).toBe(86_400);
    expect(boundsOf("month", DAY).to - boundsOf("month", DAY).from).toBe(30 * 86_400);
    expect(boundsOf("month", "2026-12-31").to).toBe(Date.UTC(2027, 0, 1) / 1000);
  });
});

describe("the question", () => {
  it("keeps a name from being more than a name", () => {
    expect(question({ period: "day", group: "channel", name: "a' OR '1" }, DAY)).toContain("channel = 'a'' OR ''1'");
  });

  it("is not asked where the tables do not know", () => {
    expect(question({ period: "day", group: "model", name: "gpt" }, DAY)).toBeUndefined();
    expect(question({ period: "day", group: "model" }, DAY)).toContain("FROM samples ");
    expect(question({ period: "month", group: "tier", name: "L1" }, DAY)).toContain(
      "FROM work WHERE ts >= '2026-11-01",
    );
  });
});

describe("slots", () => {
  const slots = slotsOf(columns, rows, "day", DAY);

  it("stand in order and keep gaps as gaps", () => {
    expect(slots.map(({ from }) => (from - boundsOf("day", DAY).from) / 3600)).toEqual([2, 3]);
    expect(slots[0]?.cached).toBeNull();
    expect(asDay(slots, DAY)[0]).toMatchObject({ usd: 4, prompt: 300, tokens: 330, cached: 5 });
    expect(asDay([], DAY)).toEqual([]);
  });

  it("hold to their end, and there is nothing where none is", () => {
    const [first, second] = slots;
    if (!first || !second) throw new Error("two slots");
    const apart = [first, { ...second, from: first.from + 10_800 }];
    expect(held(slots, 3600, ({ usd }) => usd).v).toEqual([1.5, 2.5, 2.5, null]);
    expect(held(apart, 3600, ({ usd }) => usd).v).toEqual([1.5, 1.5, null, 2.5, 2.5, null]);
    expect(held([], 3600, ({ usd }) => usd)).toEqual({ t: [], v: [] });
  });

  it("add up to what is spent by now", () => {
    const start = boundsOf("day", DAY).from;
    const now = start + 3.5 * 3600;
    const { t, v } = spentSoFar(slots, 3600, now, 3.8);
    expect(t).toEqual([start + 7200, start + 10_800, now]);
    expect(v).toEqual([0, 1.5, 3.8]);
    expect(spentSoFar([], 3600, now, 3.8)).toEqual({ t: [now], v: [3.8] });
  });
});
