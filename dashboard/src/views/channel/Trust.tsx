import { Tag, Toggle } from "@carbon/react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, type Body } from "@/api/client";
import { Ask } from "@/parts/Ask";
import { Empty } from "@/parts/Empty";
import { Grid } from "@/parts/Grid";
import { Section } from "@/parts/Section";
import { count, decimal, duration, percent } from "@/time/format";
import { term } from "@/words/term";

type Row = Body<"AccuracyRow">;

/** How right the forecasts of this channel have been so far. */
export function Trust({ channel }: { channel: string }) {
  const { t } = useTranslation("channel");
  const [all, setAll] = useState(false);
  const accuracy = api.useQuery("get", "/v1/forecasts/accuracy", { params: { query: { channel } } });
  const tools = (
    <Toggle
      id={`trust-${channel}`}
      size="sm"
      hideLabel
      labelText={t("trust.champions")}
      toggled={!all}
      onToggle={(on) => setAll(!on)}
    />
  );
  return (
    <Section title={t("trust.title")} about={t("trust.about")} tools={tools}>
      <Ask of={accuracy}>
        {({ accuracy }) => {
          const rows = accuracy.filter(({ role }) => all || role === "champion");
          if (rows.length === 0) return <Empty title={t("trust.empty")}>{t("trust.emptyAbout")}</Empty>;
          return (
            <Grid
              label={t("trust.title")}
              rows={rows}
              keyOf={({ column, horizon_s, model }) => `${column}/${horizon_s}/${model}`}
              columns={[
                { title: t("trust.column"), cell: ({ column }) => term("columns", column) },
                { title: t("trust.horizon"), cell: ({ horizon_s }) => duration(horizon_s), figures: true },
                { title: t("trust.model"), cell: ({ model }) => model },
                { title: t("trust.n"), cell: ({ n }) => count(n), figures: true },
                { title: t("trust.coverage"), cell: (row) => <Coverage of={row} />, figures: true },
                { title: t("trust.mase"), cell: (row) => <Scaled of={row} />, figures: true },
                { title: t("trust.mape"), cell: ({ mape }) => percent(mape), figures: true },
              ]}
            />
          );
        }}
      </Ask>
    </Section>
  );
}

/** The part of the truths within the 90 % interval, and whether that is as promised within what so many can tell. */
function Coverage({ of: { coverage_90, n } }: { of: Row }) {
  const { t } = useTranslation("channel");
  if (coverage_90 === null || coverage_90 === undefined) return <>{percent(null)}</>;
  const noise = 2 * Math.sqrt((0.9 * 0.1) / Math.max(n, 1));
  const verdict = coverage_90 < 0.9 - noise ? "low" : coverage_90 > 0.9 + noise ? "high" : "good";
  return (
    <>
      {percent(coverage_90)}{" "}
      <Tag size="sm" type={verdict === "low" ? "red" : verdict === "good" ? "green" : "cool-gray"}>
        {t(`trust.${verdict}`)}
      </Tag>
    </>
  );
}

function Scaled({ of: { mase } }: { of: Row }) {
  const { t } = useTranslation("channel");
  if (mase === null || mase === undefined) return <>{decimal(null)}</>;
  return <span title={mase < 1 ? t("trust.better") : t("trust.worse")}>{decimal(mase)}</span>;
}
