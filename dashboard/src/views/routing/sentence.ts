import type { TFunction } from "i18next";
import { decimal, duration, percent, usd } from "@/time/format";
import { term } from "@/words/term";
import { change } from "./change";
import { type Variant, variant } from "./reason";

type Say = TFunction<"routing">;

const number = (of: unknown): number | null => (typeof of === "number" ? of : null);

/** One reason as a sentence; `undefined` if it is of a kind that we have no words for. */
export function sentence(reason: Variant, t: Say): string | undefined {
  const { name, told } = reason;
  if (name === "least_bad") return t("reasons.least_bad");
  if (name === "refused") return t("reasons.refused", { fault: String(told.fault) });
  if (name === "step") {
    return t("reasons.step", { part: percent(number(told.part)), left: percent(number(told.left)) });
  }
  if (name === "broken") return broken(told, t);
  const cause = because(variant(told.because), t);
  if (cause === undefined) return undefined;
  const values = {
    channel: String(told.channel),
    ...change(number(told.from), number(told.to)),
    because: cause,
  };
  if (name === "nothing" || name === "rejected" || name === "moved" || name === "spared") {
    return t(`reasons.${name}`, values);
  }
  return undefined;
}

/** A constraint that holds the mix back. */
export function constraint(binding: Variant | undefined, t: Say): string | undefined {
  if (!binding) return undefined;
  const { name, told } = binding;
  if (name === "room") return t("binding.room", { channel: String(told.channel) });
  if (name === "slow" || name === "failing" || name === "risk" || name === "budget") return t(`binding.${name}`);
  return undefined;
}

function broken(told: Variant["told"], t: Say): string | undefined {
  const promise = variant(told.promise);
  const what = constraint(promise, t);
  if (!what) return undefined;
  const by = number(told.by);
  if (promise?.name === "budget") return t("reasons.overspent", { what, by: usd(by) });
  return t("reasons.broken", { what, by: percent(by) });
}

const PLAIN = ["optimal", "unknown", "alone", "stale", "gone", "full", "dearer", "worse", "cheaper", "needed"] as const;
const SHARES = ["slow", "will_be_slow", "failing"] as const;

function because(cause: Variant | undefined, t: Say): string | undefined {
  if (!cause) return undefined;
  const { name, told } = cause;
  const plain = PLAIN.find((known) => known === name);
  if (plain) return t(`because.${plain}`);
  const share = SHARES.find((known) => known === name);
  if (share) return t(`because.${share}`, { share: percent(number(told.share)) });
  if (name === "too_small") return t("because.too_small", { part: percent(number(told.part)) });
  if (name === "slow_start") return t("because.slow_start", { part: percent(number(told.part)) });
  if (name === "dwell") return t("because.dwell", { length: duration(number(told.seconds)) });
  if (name === "shut") return term("trips", String(told.reason));
  if (name === "incident") return t("because.incident", { severity: String(told.severity) });
  if (name === "risk")
    return t("because.risk", { probability: decimal((number(told.probability) ?? Number.NaN) * 100, 0) });
  return undefined;
}
