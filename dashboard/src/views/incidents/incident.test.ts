import { expect, test } from "vitest";
import { around, type Incident, lasted, standing } from "./incident";

const at = (text: string) => Date.parse(`2026-11-22T${text}Z`) / 1000;

function incident(told: Partial<Incident>): Incident {
  return {
    state: "open",
    first_sign: "2026-11-22T08:00:00Z",
    acknowledged: null,
    mitigated: null,
    resolved: null,
    silent_until: null,
    ...told,
  } as Incident;
}

test("an incident stands as what matters most", () => {
  const now = at("08:30:00");
  expect(standing(incident({}), now)).toBe("open");
  const acknowledged = incident({ acknowledged: "2026-11-22T08:05:00Z", silent_until: "2026-11-22T08:29:00Z" });
  expect(standing(acknowledged, now)).toBe("acknowledged");
  expect(standing(acknowledged, at("08:28:00"))).toBe("silenced");
  expect(standing(incident({ state: "over", mitigated: "2026-11-22T08:05:00Z" }), now)).toBe("over");
});

test("what lasts is counted until now, and what is over until its end", () => {
  expect(lasted(incident({}), at("08:10:00"))).toBe(600);
  expect(lasted(incident({ resolved: "2026-11-22T08:03:00Z" }), at("08:10:00"))).toBe(180);
});

test("its story begins before it and does not reach beyond the present", () => {
  expect(around(incident({}), at("08:10:20"))).toEqual({ from: at("07:30:00"), to: at("08:11:00") });
  const over = incident({ resolved: "2026-11-22T08:03:20Z" });
  expect(around(over, at("12:00:00"))).toEqual({ from: at("07:30:00"), to: at("08:34:00") });
});
