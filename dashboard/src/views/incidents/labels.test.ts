import { expect, test } from "vitest";
import { readLabels } from "./labels";

test("labels are lines of name and value", () => {
  expect(readLabels("rule = slow\n\nchannel=azure/*=x")).toEqual({ rule: "slow", channel: "azure/*=x" });
});

test("a line that is no label spoils all, and so does nothing at all", () => {
  expect(readLabels("rule=slow\nchannel")).toBeUndefined();
  expect(readLabels(" \n")).toBeUndefined();
});
