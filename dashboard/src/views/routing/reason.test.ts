import { expect, test } from "vitest";
import { concerns, type Decision, leftAhead, moves, variant } from "./reason";
import { readSubject, routingPane } from "./subject";

const decided = (...reasons: unknown[]) => ({ reasons: { reasons, binding: [] } }) as unknown as Decision;

test("a variant is a name, or a name with members", () => {
  expect(variant("worse")).toEqual({ name: "worse", told: {} });
  expect(variant({ slow: { share: 0.2 } })).toEqual({ name: "slow", told: { share: 0.2 } });
  expect([variant(null), variant(undefined), variant({})]).toEqual([undefined, undefined, undefined]);
});

test("what is left because of what lies ahead is told from what is left for what is there", () => {
  const moved = (channel: string, to: number, because: unknown) => ({ moved: { channel, from: 0.5, to, because } });
  const all = decided(
    moved("east", 0, { shut: { reason: "forecast" } }),
    moved("west", 0.1, { slow: { share: 0.3 } }),
    moved("north", 0.9, { risk: { probability: 0.6 } }),
    { rejected: { channel: "south", because: { will_be_slow: { share: 0.4 } } } },
  );
  expect(leftAhead(all)).toEqual(["east", "south"]);
});

test("a channel that is only spared is not concerned", () => {
  const one = decided(
    { spared: { channel: "east", because: "dearer" } },
    { rejected: { channel: "west", because: "stale" } },
  );
  expect([concerns(one, "east"), concerns(one, "west")]).toEqual([false, true]);
});

test("the largest change comes first, and what hardly changes is left out", () => {
  expect(moves({ east: 0.5, west: 0.5 }, { east: 0.1, west: 0.5005, north: 0.3995 }).map((it) => it.channel)).toEqual([
    "east",
    "north",
  ]);
});

test("the subject is a class, or one of its decisions, as links write it", () => {
  for (const generation of [undefined, 21]) {
    const { subject } = routingPane("chat@night", generation);
    expect(readSubject(subject)).toEqual(generation ? { class: "chat@night", generation } : { class: "chat@night" });
  }
  expect(readSubject(undefined)).toEqual({});
});
