import { describe, expect, it } from "vitest";
import { dayOf, fileOf, isDay, parseEdition, pathOf, shifted, writeEdition } from "./edition";

describe("an edition", () => {
  it("comes back as it was written", () => {
    for (const edition of [
      { kind: "daily" },
      { kind: "daily", day: "2026-11-21" },
      { kind: "fortnightly" },
      { kind: "fortnightly", day: "2026-11-21" },
    ] as const)
      expect(parseEdition(writeEdition(edition))).toEqual({ day: undefined, ...edition });
    expect(parseEdition("weekly/2026-02-30")).toEqual({ kind: "daily", day: undefined });
  });

  it("is asked for by kind, day, language and form", () => {
    expect(pathOf("daily", "2026-11-21", "ko", "markdown")).toBe(
      "/v1/reports/daily?day=2026-11-21&language=ko&as=markdown",
    );
    expect(fileOf("daily", "2026-11-22", "markdown")).toBe("foreroute-daily-2026-11-22.md");
  });

  it("is of the newest day that is over unless another one is asked for", () => {
    expect(dayOf({ kind: "daily" }, "2026-12-01")).toBe("2026-11-30");
    expect(dayOf({ kind: "daily", day: "2026-12-01" }, "2026-12-01")).toBe("2026-12-01");
  });
});

describe("days", () => {
  it("follow each other over the ends of months, and only those count that there are", () => {
    expect(shifted("2026-12-31", 1)).toBe("2027-01-01");
    expect(shifted("2026-03-01", -1)).toBe("2026-02-28");
    expect(isDay("2026-02-29")).toBe(false);
    expect(isDay("22.11.2026")).toBe(false);
  });
});
