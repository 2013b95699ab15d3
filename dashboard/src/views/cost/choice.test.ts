import { describe, expect, it } from "vitest";
import { parseChoice, writeChoice } from "./choice";

describe("a choice", () => {
  it("comes back as it was written, slashes in names included", () => {
    for (const choice of [
      { period: "day", group: "channel" },
      { period: "month", group: "channel" },
      { period: "day", group: "model", name: "gpt-large" },
      { period: "month", group: "channel", name: "openai/gpt-4o" },
      { period: "day", group: "channel", name: "day" },
    ] as const)
      expect(parseChoice(writeChoice(choice))).toEqual({ name: undefined, ...choice });
  });

  it("is all of today by channel where nothing is understood", () => {
    expect(parseChoice("nonsense")).toEqual({ period: "day", group: "channel", name: undefined });
    expect(writeChoice({ period: "day", group: "channel" })).toBeUndefined();
  });
});
