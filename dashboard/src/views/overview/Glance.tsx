import { useTranslation } from "react-i18next";
import { api, type Body } from "@/api/client";
import { Ask } from "@/parts/Ask";
import { Figure, Ribbon } from "@/parts/Figure";
import { Go } from "@/parts/Go";
import { Severity } from "@/parts/Severity";
import { asQuery } from "@/place/span";
import { usePlace } from "@/place/usePlace";
import { count, GAP, percent, usd } from "@/time/format";
import { term } from "@/words/term";

type Summary = Body<"SummaryBody">;

/** The ribbon of figures that says whether anybody need look further. */
export function Glance() {
  const { t } = useTranslation("overview");
  const { span } = usePlace();
  const summary = api.useQuery("get", "/v1/summary", { params: { query: asQuery(span) } });
  return (
    <Ask of={summary} lines={3}>
      {(summary) => (
        <Ribbon label={t("ribbon")}>
          <Kept of={summary} />
          <Avoided of={summary} />
          <Spend of={summary} />
          <Open of={summary} />
          <Mode of={summary} />
        </Ribbon>
      )}
    </Ask>
  );
}

/** The promise that is kept the least, beside what was promised. */
function Kept({ of: { objectives } }: { of: Summary }) {
  const { t } = useTranslation("overview");
  const known = objectives.filter(({ kept }) => typeof kept === "number");
  const [worst] = known.sort((one, other) => one.budget_left - other.budget_left);
  if (!worst) return <Figure label={t("objective")} value={percent(null)} />;
  const { class: name, kept, target, budget_left } = worst;
  return (
    <Figure
      label={t("objective")}
      value={percent(kept)}
      about={t("objectiveAbout", { class: name, kept: percent(kept), target: percent(target) })}
      tone={budget_left <= 0 ? "bad" : budget_left < 0.25 ? "warn" : "good"}
    />
  );
}

/** Calls that would have been harmed if every channel had got an equal share. */
function Avoided({ of: { harm } }: { of: Summary }) {
  const { t } = useTranslation("overview");
  const total = harm.find((row) => row.class === null || row.class === undefined);
  if (!total || typeof total.avoided !== "number") {
    return <Figure label={t("avoided")} value={count(null)} about={t("avoidedUnknown")} />;
  }
  const { avoided, harmed_ratio, unmanaged_ratio } = total;
  return (
    <Figure
      label={t("avoided")}
      value={count(Math.round(avoided))}
      about={t("avoidedAbout", { harmed: percent(harmed_ratio), unmanaged: percent(unmanaged_ratio) })}
      tone={avoided > 0 ? "good" : undefined}
    />
  );
}

function Spend({ of: { spend } }: { of: Summary }) {
  const { t } = useTranslation("overview");
  const { today_usd, day_expected_usd, budget } = spend;
  const forecast = typeof day_expected_usd === "number" && t("spendExpected", { expected: usd(day_expected_usd) });
  const likely = budget?.exceed_probability ?? 0;
  return (
    <Figure
      label={t("spend")}
      value={usd(today_usd)}
      about={[budget && t("spendOf", { budget: usd(budget.usd) }), forecast].filter(Boolean).join("; ")}
      tone={budget ? (likely > 0.5 ? "bad" : likely > 0.2 ? "warn" : "good") : undefined}
    />
  );
}

function Open({ of: { incidents } }: { of: Summary }) {
  const { t } = useTranslation("overview");
  const open = Object.entries(incidents.open as Record<string, number>).sort();
  const total = open.reduce((sum, [, count]) => sum + count, 0);
  const grave = open.some(([severity]) => severity === "P1" || severity === "P2");
  return (
    <Figure
      label={t("incidents")}
      value={<Go to={{ view: "incidents" }}>{count(total)}</Go>}
      about={
        total === 0
          ? t("noIncidents")
          : open.map(([severity, count]) => (
              <span key={severity}>
                {count} <Severity of={severity} />
              </span>
            ))
      }
      tone={total === 0 ? "good" : grave ? "bad" : "warn"}
    />
  );
}

function Mode({ of: { modes, decisions } }: { of: Summary }) {
  const { t } = useTranslation("overview");
  const names = [...new Set(modes.map(({ mode }) => mode))];
  const named = names.map((mode) => term("modes", mode));
  const { waiting, changes } = decisions;
  return (
    <Figure
      label={t("mode")}
      value={<Go to={{ view: "routing" }}>{named.join(", ") || GAP}</Go>}
      about={waiting > 0 ? t("waiting", { count: waiting }) : t("decisions", { count: changes })}
      tone={waiting > 0 ? "warn" : undefined}
    />
  );
}
