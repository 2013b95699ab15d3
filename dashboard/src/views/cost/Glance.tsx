import { useTranslation } from "react-i18next";
import type { Body } from "@/api/client";
import { Figure, Ribbon } from "@/parts/Figure";
import { GAP, percent, usd } from "@/time/format";
import type { Period } from "./choice";

/** Money at a glance: today, the month, the tightest budget, and what was saved. */
export function Glance({ spend }: { spend: Body<"SpendBody"> }) {
  const { t } = useTranslation("cost");
  const { day, month } = spend.total;
  const tightest = [spend.total, ...spend.classes]
    .flatMap((line) => [
      { line, span: line.day, per: "day" as const },
      { line, span: line.month, per: "month" as const },
    ])
    .filter(({ span }) => span.limit_usd)
    .sort((a, b) => used(b.span) - used(a.span))[0];
  const { saved_usd: saved, actual_usd: actual, unmanaged_usd: even } = spend.saved;
  return (
    <Ribbon label={t("glance")}>
      <Figure label={t("today")} value={usd(day.spent_usd)} about={<Expected of={day} />} />
      <Figure label={t("month")} value={usd(month.spent_usd)} about={<Expected of={month} />} />
      <Figure
        label={t("budget")}
        value={tightest ? percent(used(tightest.span)) : GAP}
        about={tightest ? <Budget of={tightest.span} name={tightest.line.name} per={tightest.per} /> : t("noBudget")}
        tone={tightest ? toneOf(tightest.span) : undefined}
      />
      <Figure
        label={t("savedToday")}
        value={usd(saved)}
        about={even === null || even === undefined ? t("savedUnknown") : t("savedOf", { actual: usd(actual) })}
        tone={saved && saved > 0 ? "good" : saved && saved < 0 ? "warn" : undefined}
      />
    </Ribbon>
  );
}

function Budget({ of, name, per }: { of: Body<"SpanBody">; name: string; per: Period }) {
  const { t } = useTranslation("cost");
  const { limit_usd, exceed_probability: exceeds } = of;
  const whose = t(`budgetOf.${per}`, { usd: usd(limit_usd), name: nameOf(name, t("all")) });
  if (exceeds === null || exceeds === undefined) return whose;
  return `${whose}; ${t("exceedsBrief", { probability: percent(exceeds) })}`;
}

function Expected({ of: { expected_usd, low_usd, high_usd } }: { of: Body<"SpanBody"> }) {
  const { t } = useTranslation("cost");
  if (expected_usd === null || expected_usd === undefined) return t("noForecast");
  const range = low_usd === null || low_usd === undefined ? "" : ` (${usd(low_usd)} – ${usd(high_usd)})`;
  return t("expectedAtEnd", { usd: usd(expected_usd) }) + range;
}

/** How much of a budget is used. */
function used({ spent_usd, limit_usd }: Body<"SpanBody">): number {
  return limit_usd ? spent_usd / limit_usd : 0;
}

function toneOf(span: Body<"SpanBody">): "good" | "bad" | "warn" {
  const exceeds = span.exceed_probability ?? 0;
  if (used(span) >= 1 || exceeds >= 0.9) return "bad";
  return exceeds >= 0.5 ? "warn" : "good";
}

/** The name of a line, or `all` for the total. */
export function nameOf(name: string, all: string): string {
  return name === "total" ? all : name;
}
