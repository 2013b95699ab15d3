import { describe, expect, it } from "vitest";
import { inTurn } from "./inTurn";

describe("what is asked in turn", () => {
  it("goes one by one in its order, and a failure is its own", async () => {
    const seen: string[] = [];
    let open = () => {};
    const first = inTurn(() => new Promise<void>((resolve) => (open = resolve)).then(() => void seen.push("first")));
    const second = inTurn(() => Promise.reject(new Error("no")));
    const third = inTurn(async () => void seen.push("third"));
    await new Promise((resolve) => setTimeout(resolve));
    expect(seen).toEqual([]);
    open();
    await first;
    await expect(second).rejects.toThrow("no");
    await third;
    expect(seen).toEqual(["first", "third"]);
  });
});
