import { useTranslation } from "react-i18next";
import { Go } from "@/parts/Go";
import { Grid } from "@/parts/Grid";
import { Section } from "@/parts/Section";
import { Severity } from "@/parts/Severity";
import { count, GAP, ms, percent, usd } from "@/time/format";
import { term } from "@/words/term";
import type { Candidate, Route } from "./board";
import { variant } from "./reason";

type Row = [name: string, candidate: Candidate];

/** How each channel of the class looks to the planner. */
export function Board({ route }: { route: Route }) {
  const { t } = useTranslation("routing");
  const perMin = (value: number | null) => (value === null ? GAP : t("perMin", { rate: count(value) }));
  return (
    <Section title={t("board")} about={t("boardAbout")}>
      <Grid<Row>
        label={t("board")}
        keyOf={([name]) => name}
        rows={route.channels}
        columns={[
          { title: t("channel"), cell: ([name]) => <Go to={{ view: "channel", subject: name }}>{name}</Go> },
          { title: t("share"), cell: ([name]) => percent(route.held?.weights[name]), figures: true },
          { title: t("standing"), cell: ([, it]) => <StandingOf of={it} /> },
          { title: t("failing"), cell: ([, it]) => percent(it.failing), figures: true },
          { title: t("slow"), cell: ([, it]) => percent(it.slow), figures: true },
          { title: t("risk"), cell: ([, it]) => percent(it.risk), figures: true },
          { title: t("latency"), cell: ([, it]) => ms(it.latency_ms), figures: true },
          { title: t("cost"), cell: ([, it]) => usd(it.cost_usd), figures: true },
          { title: t("incident"), cell: ([, it]) => (it.incident ? <Severity of={it.incident} /> : GAP) },
          {
            title: t("room"),
            cell: ([, it]) => (it.room_per_min === null ? t("roomy") : perMin(it.room_per_min)),
            figures: true,
          },
          { title: t("tried"), cell: ([, it]) => perMin(it.tried_per_min), figures: true },
        ]}
      />
    </Section>
  );
}

function StandingOf({ of }: { of: Candidate }) {
  const standing = variant(of.standing);
  if (!standing) return <>{GAP}</>;
  const { name, told } = standing;
  const why = typeof told.reason === "string" ? term("trips", told.reason) : undefined;
  return (
    <span className={`lamp lamp--${name}`} title={why}>
      {term("standings", name)}
      {why && <span className="cds--visually-hidden">: {why}</span>}
    </span>
  );
}
