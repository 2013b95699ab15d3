import { ChartLine } from "@carbon/icons-react";
import { Button, ContentSwitcher, IconButton, Switch } from "@carbon/react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Body } from "@/api/client";
import { Empty } from "@/parts/Empty";
import { Go } from "@/parts/Go";
import { type Column, Grid } from "@/parts/Grid";
import { Section } from "@/parts/Section";
import { count, GAP, percent, usd } from "@/time/format";
import { When } from "@/time/When";
import { type Choice, GROUPS, linesOf } from "./choice";
import { nameOf } from "./Glance";

type Line = Body<"LineBody">;

interface Props {
  spend: Body<"SpendBody">;
  choice: Choice;
  choose: (choice: Choice) => void;
}

/** More rows than people read are shown if they are asked for. */
const USUAL_ROWS = 50;

/** Everybody's money as a table; one of them is the chart's. */
export function Lines({ spend, choice, choose }: Props) {
  const { t } = useTranslation("cost");
  const lines = [...linesOf(spend, choice.group)].sort(
    (a, b) => b[choice.period].spent_usd - a[choice.period].spent_usd,
  );
  const [whole, setWhole] = useState(false);
  const drawn = (line: Line) => (line === spend.total ? choice.name === undefined : line.name === choice.name);
  const span = (line: Line) => line[choice.period];
  const columns: Column<Line>[] = [
    {
      title: t(`groups.${choice.group}`),
      cell: (line) => (
        <span className="cost__name">
          <IconButton
            size="xs"
            kind={drawn(line) ? "secondary" : "ghost"}
            align="right"
            label={t("draw", { name: nameOf(line.name, t("all")) })}
            aria-pressed={drawn(line)}
            onClick={() => choose({ ...choice, name: line === spend.total ? undefined : line.name })}
          >
            <ChartLine />
          </IconButton>
          <Name line={line} whole={line === spend.total} choice={choice} />
        </span>
      ),
    },
    { title: t("cols.today"), figures: true, cell: ({ day }) => usd(day.spent_usd) },
    { title: t("cols.byDay"), figures: true, cell: ({ day }) => <Ahead of={day} /> },
    { title: t("cols.month"), figures: true, cell: ({ month }) => usd(month.spent_usd) },
    { title: t("cols.byMonth"), figures: true, cell: ({ month }) => <Ahead of={month} /> },
    { title: t(`cols.limit.${choice.period}`), figures: true, cell: (line) => <Limit of={span(line)} /> },
    { title: t("cols.exceeds"), figures: true, cell: (line) => percent(span(line).exceed_probability) },
    { title: t("cols.out"), cell: (line) => <Out of={span(line)} /> },
    { title: t(`cols.tokens.${choice.period}`), figures: true, cell: (line) => count(span(line).tokens) },
    { title: t(`cols.calls.${choice.period}`), figures: true, cell: (line) => count(span(line).requests) },
  ];
  return (
    <Section
      title={t("lines")}
      about={t(`linesAbout.${choice.group}`)}
      tools={
        <div className="cost__groups">
          <ContentSwitcher
            size="sm"
            aria-label={t("by")}
            selectedIndex={GROUPS.indexOf(choice.group)}
            onChange={({ index }) => choose({ ...choice, group: GROUPS[index ?? 0] ?? "channel", name: undefined })}
          >
            {GROUPS.map((group) => (
              <Switch key={group} name={group} text={t(`groups.${group}`)} />
            ))}
          </ContentSwitcher>
        </div>
      }
    >
      {lines.length === 0 ? (
        <Empty title={t(`noLines.${choice.group}`)}>{t(`noLinesAbout.${choice.group}`)}</Empty>
      ) : (
        <Grid
          label={t("lines")}
          columns={columns}
          rows={[spend.total, ...lines.filter((line, at) => whole || at < USUAL_ROWS || drawn(line))]}
          keyOf={(line) => (line === spend.total ? "" : line.name)}
          chosen={drawn}
        />
      )}
      {lines.length > USUAL_ROWS && !whole && (
        <Button size="sm" kind="ghost" onClick={() => setWhole(true)}>
          {t("showAll", { count: lines.length })}
        </Button>
      )}
    </Section>
  );
}

function Name({ line, whole, choice }: { line: Line; whole: boolean; choice: Choice }) {
  const { t } = useTranslation("cost");
  if (whole) return <b>{t("all")}</b>;
  if (choice.group === "channel") return <Go to={{ view: "channel", subject: line.name }}>{line.name}</Go>;
  if (choice.group === "class") return <Go to={{ view: "routing", subject: line.name }}>{line.name}</Go>;
  return line.name;
}

function Ahead({ of: { expected_usd, low_usd, high_usd } }: { of: Body<"SpanBody"> }) {
  if (low_usd === null || low_usd === undefined) return usd(expected_usd);
  return (
    <>
      {usd(expected_usd)}
      <span className="cost__range">{`${usd(low_usd)} – ${usd(high_usd)}`}</span>
    </>
  );
}

function Limit({ of: { limit_usd, limit_tokens } }: { of: Body<"SpanBody"> }) {
  const { t } = useTranslation("cost");
  if (limit_usd) return usd(limit_usd);
  return limit_tokens ? t("tokens", { tokens: count(limit_tokens) }) : GAP;
}

function Out({ of: { spent_usd, limit_usd, runs_out } }: { of: Body<"SpanBody"> }) {
  const { t } = useTranslation("cost");
  if (!limit_usd) return GAP;
  if (spent_usd >= limit_usd) return <b>{t("already")}</b>;
  if (!runs_out?.median) return <span className="muted">{t("lasts")}</span>;
  return (
    <>
      <When at={runs_out.median} />
      <span className="cost__range">
        <When at={runs_out.earliest} /> – {runs_out.latest ? <When at={runs_out.latest} /> : t("never")}
      </span>
    </>
  );
}
