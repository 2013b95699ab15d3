import { expect, test } from "vitest";
import type { Body } from "@/api/client";
import { byRun, standingOf } from "./runs";

const action = (run: string, began_at: string, step: number, outcome: string | null = "ok") =>
  ({ run, began_at, step, try: 1, outcome, playbook: "repair", channel: "east" }) as Body<"ActionBody">;

test("actions are put together by run, the newest run first and its steps in order", () => {
  const all = [action("b", "5", 2), action("b", "4", 1), action("b", "4", 0, "done"), action("a", "1", 0, "asks")];
  const runs = byRun(all);
  expect(runs.map(({ run }) => run)).toEqual(["b", "a"]);
  expect(runs[0]?.tries.map(({ step }) => step)).toEqual([1, 2]);
  expect(runs[0]?.itself?.outcome).toBe("done");
});

test("how a run ended counts, not that it asked; and a span may begin within a run", () => {
  const [asked] = byRun([action("a", "1", 0, "rolled_back"), action("a", "1", 0, "asks")]);
  expect(asked?.itself?.outcome).toBe("rolled_back");
  const [approved] = byRun([action("a", "1", 0, "asks"), action("a", "2", 1)]);
  expect(approved && standingOf(approved)).toBeNull();
  expect(byRun([action("a", "1", 3)])[0]?.itself).toBeUndefined();
});
