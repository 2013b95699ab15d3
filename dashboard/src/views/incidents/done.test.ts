import { expect, test } from "vitest";
import type { Decision } from "@/views/routing/reason";
import { type Action, deeds } from "./done";

const decision = (at: string, channel: string, kind: string) =>
  ({
    issued_at: at,
    reasons: { reasons: [{ [kind]: { channel, because: "worse" } }], binding: [] },
  }) as unknown as Decision;
const action = (at: string, channel: string, step: number) => ({ began_at: at, channel, step }) as Action;

test("what was done is about the channel, in the order of time, a run before its steps", () => {
  const decisions = [decision("3", "west", "moved"), decision("2", "east", "spared"), decision("1", "east", "moved")];
  const actions = [action("2", "east", 1), action("2", "east", 0), action("2", "west", 0)];
  const all = deeds(["east"], decisions, actions);
  expect(all.map((it) => (it.kind === "action" ? it.action.step : "decision"))).toEqual(["decision", 0, 1]);
});
