import { expect, test } from "vitest";
import type { Body } from "@/api/client";
import { leads } from "./lead";
import type { Decision } from "./reason";

const time = (second: number) => new Date(second * 1000).toISOString();

function decision(because: unknown, foreseen: Record<string, boolean> = {}): Decision {
  const reasons = [{ moved: { channel: "east", from: 0.6, to: 0, because } }];
  return { issued_at: time(1000), reasons: { reasons, binding: [] }, foreseen } as unknown as Decision;
}

const incident = (first: number, over?: number) =>
  ({
    id: `at ${first}`,
    channel: "east",
    first_sign: time(first),
    resolved: over === undefined ? null : time(over),
  }) as Body<"IncidentBody">;

test("what is left ahead leads its next trouble by so much", () => {
  const foreseen = decision({ will_be_slow: { share: 0.2 } });
  const found = leads(foreseen, [incident(900, 950), incident(1240)]);
  expect(found).toEqual([{ kind: "ahead", channel: "east", came: true, lead_s: 240 }]);
});

test("whether it came is told by the engine, and else not known", () => {
  expect(leads(decision("worse", { east: false }), [])).toMatchObject([{ came: false, lead_s: undefined }]);
  expect(leads(decision({ risk: { probability: 0.6 } }), [])).toMatchObject([{ came: undefined }]);
});

test("what is left because of what is there lags behind its first sign", () => {
  const found = leads(decision({ slow: { share: 0.6 } }), [incident(900), incident(500, 700)]);
  expect(found).toEqual([{ kind: "after", channel: "east", incident: "at 900", lag_s: 100 }]);
  expect(leads(decision("cheaper"), [incident(900)])).toEqual([]);
});
