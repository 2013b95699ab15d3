import type { TFunction } from "i18next";
import type { Body } from "@/api/client";
import { decimal, percent, usd } from "@/time/format";

/** Why the first model of a tier comes first, in words; what else is to be said stands in the figures around it. */
export function whyOf({ models, enough }: Body<"KindBody">, t: TFunction<"work">): string {
  const [first] = models;
  if (!first) return t("shares.getsNobody");
  const figures = { worth: decimal(first.worth, 2, 2), enough: decimal(enough, 2, 2) };
  const known = typeof first.cost_usd === "number";
  return [
    t("shares.gets", { model: first.model, share: percent(first.share) }),
    first.jobs === 0
      ? t("shares.notKnown")
      : t(first.worth >= enough ? "shares.isEnough" : "shares.isNearest", figures),
    ...(known ? [t("shares.costs", { usd: usd(first.cost_usd) })] : []),
  ].join(" ");
}
