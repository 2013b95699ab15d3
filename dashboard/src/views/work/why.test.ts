import i18next from "i18next";
import { beforeAll, expect, test } from "vitest";
import { en } from "@/words/en";
import { ko } from "@/words/ko";
import { whyOf } from "./why";

beforeAll(() => i18next.init({ lng: "en", resources: { en, ko }, interpolation: { escapeValue: false } }));

const model = { model: "small", share: 0.75, jobs: 40, successes: 36, worth: 0.9, cost_usd: 0.02, static: false };
const kind = { class: "code", tier: "L2", enough: 0.8, jobs: 40, models: [model], why: "" };
const said = (of: Parameters<typeof whyOf>[0]) => whyOf(of, i18next.getFixedT("en", "work"));

test("the first model is told of with what is known of it", () => {
  expect(said(kind)).toBe("small gets 75% of the jobs. Its worth of 0.90 is enough (0.80). A job costs $0.02.");
  expect(said({ ...kind, enough: 0.95 })).toContain("comes nearest to enough (0.95)");
  const untried = { ...model, jobs: 0, cost_usd: null };
  expect(said({ ...kind, models: [untried] })).toBe("small gets 75% of the jobs. Nothing is known of it yet.");
  expect(said({ ...kind, models: [] })).toBe("No model may do it.");
});
