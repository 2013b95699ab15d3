import { keepPreviousData } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { columnsFor, pointsOf } from "@/api/samples";
import { inks as inksOf } from "@/charts/ink";
import type { Picture } from "@/charts/picture";
import { TimeChart } from "@/charts/TimeChart";
import { Ask } from "@/parts/Ask";
import { iso, stepOf } from "@/place/span";
import { useTheme } from "@/shell/useTheme";
import { instant } from "@/time/format";
import { useNow } from "@/time/useNow";
import { term } from "@/words/term";
import { type Blame, expectedBand, oddMinutes, unitOf } from "./evidence";
import { around, type Detail } from "./incident";

/** Columns that are drawn; the others are in the table. */
const MOST = 4;
/** What is shown where nothing at all was heard. */
const IF_SILENT = ["requests"];

/** The columns to blame around the incident, with what was expected of them. */
export function EvidenceCharts({ of, channel, blames }: { of: Detail; channel: string; blames: Blame[] }) {
  const { t } = useTranslation("incidents");
  const now = useNow();
  const inks = inksOf(useTheme());
  const { from, to } = around(of, now);
  const columns = blames.length > 0 ? blames.slice(0, MOST).map(({ column }) => column) : IF_SILENT;
  const span = { from: iso(from), to: iso(to) };
  const samples = api.useQuery(
    "get",
    "/v1/channels/{id}/samples",
    {
      params: {
        path: { id: channel },
        query: { ...span, step: stepOf({ kind: "fixed", from, to }, now), columns: columnsFor(columns) },
      },
    },
    { placeholderData: keepPreviousData },
  );
  const anomalies = api.useQuery(
    "get",
    "/v1/channels/{id}/anomalies",
    {
      params: { path: { id: channel }, query: span },
    },
    { placeholderData: keepPreviousData },
  );
  const odd = useMemo(() => anomalies.data?.anomalies ?? [], [anomalies.data]);
  return (
    <Ask of={samples} lines={6}>
      {(answer) => (
        <div className="incident__charts">
          {columns.map((column) => {
            const picture: Picture = {
              unit: unitOf(column),
              lines: [{ label: t("seen"), points: pointsOf(answer, column), ink: inks.truth }],
              fans: [{ label: t("expected"), fill: `rgba(${inks.fan}, 0.3)`, ...expectedBand(odd, column) }],
              marks: oddMinutes(odd, column),
              stretches: [
                { from: instant(of.first_sign), to: of.resolved ? instant(of.resolved) : to, label: t("incident") },
              ],
            };
            return (
              <TimeChart
                key={column}
                title={term("columns", column)}
                picture={picture}
                height={130}
                over={{ from, to }}
              />
            );
          })}
        </div>
      )}
    </Ask>
  );
}
