import i18next from "i18next";
import { beforeAll, expect, test } from "vitest";
import { en } from "@/words/en";
import { ko } from "@/words/ko";
import { type Decision, reasonsOf } from "./reason";
import { constraint, sentence } from "./sentence";

beforeAll(() => i18next.init({ lng: "en", resources: { en, ko }, interpolation: { escapeValue: false } }));

const BECAUSE = [
  ...["optimal", "unknown", "alone", "stale", "gone", "full", "dearer", "worse", "cheaper", "needed"],
  { too_small: { part: 0.01 } },
  { dwell: { seconds: 61.2 } },
  { shut: { reason: "consecutive" } },
  { incident: { severity: "P2" } },
  { risk: { probability: 0.6 } },
  { slow: { share: 0.2 } },
  { will_be_slow: { share: 0.2 } },
  { failing: { share: 0.2 } },
  { slow_start: { part: 0.1 } },
];
const BINDING = ["slow", "failing", "risk", "budget", { room: { channel: "east" } }];
const REASONS = [
  ...BECAUSE.map((because) => ({ moved: { channel: "east", from: 0.6, to: 0, because } })),
  ...["rejected", "spared"].map((name) => ({ [name]: { channel: "east", because: "stale" } })),
  { nothing: { because: "optimal" } },
  { step: { part: 0.3, left: 0.1 } },
  "least_bad",
  { refused: { fault: "shares add up to 1.2" } },
  ...BINDING.map((promise) => ({ broken: { promise, by: 0.025 } })),
];

function told(language: "en" | "ko"): (string | undefined)[] {
  const t = i18next.getFixedT(language, "routing");
  const { reasons, binding } = reasonsOf({ reasons: { reasons: REASONS, binding: BINDING } } as unknown as Decision);
  return [...reasons.map((it) => sentence(it, t)), ...binding.map((it) => constraint(it, t))];
}

test("every reason and every constraint has words in both languages, with nothing left open", () => {
  for (const language of ["en", "ko"] as const) {
    const all = told(language);
    expect(all).toHaveLength(REASONS.length + BINDING.length);
    for (const text of all) expect(text).toMatch(/^[^{}]+$/);
  }
  expect(told("en")[12]).toBe("east goes from 60% to 0%: several calls in a row failed.");
});

test("a reason of a later version has no words", () => {
  const t = i18next.getFixedT("en", "routing");
  expect(sentence({ name: "moved", told: { channel: "east", from: 1, to: 0, because: "eclipse" } }, t)).toBeUndefined();
  expect(sentence({ name: "turned", told: {} }, t)).toBeUndefined();
});
