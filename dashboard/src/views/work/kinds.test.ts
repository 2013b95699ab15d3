import { describe, expect, it } from "vitest";
import { changeOf, chosenClass, classesOf, matrix, noon, stretch } from "./kinds";

const model = { model: "a", share: 0.5, jobs: 1, successes: 1, worth: 1, static: false };
const score = { class: "code", tier: "L1", model: "a", jobs: 9, successes: 8, tokens: 1, cost_usd: 1, worth: 0.8 };
const day = { jobs: 1, jobs_so_far: 1, worth: 1, cost_usd: 1 };

describe("classes", () => {
  it("stand once, and the first one stands in for an unknown one", () => {
    const classes = classesOf([{ class: "code" }, { class: "code" }, { class: "support" }]);
    expect(classes).toEqual(["code", "support"]);
    expect(chosenClass(classes, "support")).toBe("support");
    expect(chosenClass(classes, "gone")).toBe("code");
    expect(chosenClass([], "gone")).toBeUndefined();
  });
});

describe("shares", () => {
  it("change by points of percent, and by nothing that is known if there was none before", () => {
    expect(changeOf({ ...model, before: 0.4 })).toBeCloseTo(10);
    expect(changeOf({ ...model, before: null })).toBeNull();
  });
});

describe("the matrix", () => {
  it("has a gap where a model had no part, and a most of zero where no worth for a USD is known", () => {
    const scores = [
      { ...score, worth_per_usd: 40 },
      { ...score, model: "b", tier: "L2" },
    ];
    const { models, of, most } = matrix(scores, "code");
    expect(models).toEqual(["a", "b"]);
    expect(of("a", "L2")).toBeUndefined();
    expect(most("L1")).toBe(40);
    expect(most("L2")).toBe(0);
  });
});

describe("curves", () => {
  it("are shown over the same days, a week at least", () => {
    const now = noon("2026-11-22");
    const curve = (first: string) => ({
      class: "c",
      tier: "L1",
      static: "a",
      models: [],
      days: [{ ...day, day: first }],
    });
    expect(stretch([curve("2026-11-22")], now)).toEqual({
      from: noon("2026-11-15") + 43_200,
      to: noon("2026-11-22") + 43_200,
    });
    expect(stretch([curve("2026-11-22"), curve("2026-11-02")], now).from).toBe(noon("2026-11-02") - 43_200);
  });
});
