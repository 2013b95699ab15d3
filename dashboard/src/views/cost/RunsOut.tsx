import { useQueries } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Body, http, inWords } from "@/api/client";
import { isForecast } from "@/api/standing";
import { Empty } from "@/parts/Empty";
import { Go } from "@/parts/Go";
import { type Column, Grid } from "@/parts/Grid";
import { Note } from "@/parts/Note";
import { Section } from "@/parts/Section";
import { count, decimal, GAP, percent, usd } from "@/time/format";
import { When } from "@/time/When";
import type { Choice } from "./choice";
import { inTurn } from "./inTurn";
import { type Limit, LimitForm } from "./LimitForm";
import { MOST_ASKED, usualLimit } from "./limit";

/** A channel, and its outlook once that is there. */
interface Row {
  channel: string;
  awaited: boolean;
  of: Body<"ExhaustionBody"> | undefined;
}

/** Forecasts move slowly. */
const SELDOM_MS = 300_000;

interface Props {
  spend: Body<"SpendBody">;
  choice: Choice;
}

/** When a limit of a channel would run out: the one that is configured, or one to try. */
export function RunsOut({ spend, choice }: Props) {
  const { t } = useTranslation("cost");
  const [tried, setTried] = useState<Limit>({ resource: "cost_usd", per: "day", written: undefined });
  const { resource, per } = tried;
  const own = choice.group === "channel" && choice.name !== undefined;
  const asked = [...spend.channels]
    .sort((a, b) => b.day.spent_usd - a.day.spent_usd)
    .filter(({ name }) => !own || name === choice.name)
    .slice(0, MOST_ASKED);
  const written = tried.written ?? String(usualLimit(asked, resource, per));
  const limit = Number(written);
  const valid = written.trim() !== "" && Number.isFinite(limit) && limit > 0;
  const outlooks = useQueries({
    queries: asked.map(({ name }) => ({
      // Not by its path: what is drawn from whole futures is not asked anew for each minute.
      queryKey: ["outlook", name, resource, limit, per],
      staleTime: SELDOM_MS,
      refetchInterval: SELDOM_MS,
      queryFn: async ({ signal }: { signal: AbortSignal }) => {
        const params = { path: { id: name }, query: { resource, limit, per } };
        if (!(await inTurn(() => isForecast(name, signal)))) return null;
        const { data } = await inTurn(() => http.GET("/v1/channels/{id}/exhaustion", { params, signal }));
        return data as Body<"ExhaustionBody">;
      },
      enabled: valid,
    })),
  });
  const rows = asked.map(
    ({ name }, at): Row => ({
      channel: name,
      awaited: outlooks[at]?.isFetching ?? false,
      of: outlooks[at]?.data ?? undefined,
    }),
  );
  const failed = outlooks.find(({ isError }) => isError)?.error;
  const amount = (value: number) => (resource === "cost_usd" ? usd(value) : count(value));
  const columns: Column<Row>[] = [
    {
      title: t("groups.channel"),
      cell: ({ channel }) => <Go to={{ view: "channel", subject: channel }}>{channel}</Go>,
    },
    // A limit on minutes has no use so far.
    ...(per === "minute"
      ? []
      : [{ title: t("runsOut.used"), figures: true, cell: (row: Row) => figure(row, ({ used }) => amount(used)) }]),
    {
      title: t(`runsOut.expected.${per}`),
      figures: true,
      cell: (row) => figure(row, ({ expected }) => amount(expected)),
    },
    {
      title: t("runsOut.probability"),
      figures: true,
      cell: (row) => figure(row, ({ probability }) => percent(probability)),
    },
    { title: t("runsOut.earliest"), cell: (row) => <By row={row} level="0.1" /> },
    { title: t("runsOut.median"), cell: (row) => <By row={row} level="0.5" /> },
    { title: t("runsOut.latest"), cell: (row) => <By row={row} level="0.9" /> },
  ];
  return (
    <Section title={t("runsOut.title")} about={t("runsOut.about")}>
      <LimitForm limit={{ ...tried, written }} valid={valid} choose={setTried} />
      {failed ? <Note kind="warning" title={t("runsOut.failed")} about={inWords(failed)} /> : null}
      {rows.length > 0 ? (
        <Grid label={t("runsOut.title")} columns={columns} rows={rows} keyOf={({ channel }) => channel} />
      ) : (
        <Empty title={t("noLines.channel")}>{t("noLinesAbout.channel")}</Empty>
      )}
      {spend.channels.length > asked.length && !own && (
        <p className="section__about">
          {t("runsOut.some", { shown: decimal(asked.length, 0), all: count(spend.channels.length) })}
        </p>
      )}
    </Section>
  );
}

/** A figure of an outlook, or that it is awaited, or that there is none. */
function figure({ of, awaited }: Row, read: (outlook: Body<"ExhaustionBody">) => string): string {
  return of ? read(of) : awaited ? "…" : GAP;
}

function By({ row, level }: { row: Row; level: "0.1" | "0.5" | "0.9" }) {
  const { t } = useTranslation("cost");
  const { of } = row;
  if (!of) return figure(row, () => "");
  if (of.used >= of.limit) return <b>{t("already")}</b>;
  const at = of.runs_out[level];
  return at ? <When at={at} /> : <span className="muted">{t("never")}</span>;
}
