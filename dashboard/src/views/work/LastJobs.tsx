import { useTranslation } from "react-i18next";
import { useSql } from "@/api/sql";
import { Ask } from "@/parts/Ask";
import { Empty } from "@/parts/Empty";
import { type Column, Grid } from "@/parts/Grid";
import { Section } from "@/parts/Section";
import { count, decimal, duration, ms, usd } from "@/time/format";
import { When } from "@/time/When";
import { type Part, partsOf, SQL } from "./parts";

/** The newest jobs that ended, of whatever class. */
export function LastJobs() {
  const { t } = useTranslation("work");
  const asked = useSql(SQL);
  const outcome = (part: Part) => {
    const known = part.outcome === "done" || part.outcome === "failed" || part.outcome === "exhausted";
    return known ? t(`last.outcomes.${part.outcome as "done" | "failed" | "exhausted"}`) : part.outcome;
  };
  const columns: Column<Part>[] = [
    { title: t("last.ended"), cell: ({ at }) => <When at={at} /> },
    { title: t("last.job"), cell: ({ job }) => <span className="work__job">{job}</span> },
    { title: t("last.kind"), cell: ({ kind }) => kind },
    { title: t("last.model"), cell: ({ model }) => model },
    { title: t("last.outcome"), cell: (part) => <Outcome of={part} text={outcome(part)} /> },
    { title: t("last.quality"), figures: true, cell: ({ quality }) => decimal(quality, 2, 2) },
    { title: t("last.tokens"), figures: true, cell: ({ tokens }) => count(tokens) },
    { title: t("last.cost"), figures: true, cell: ({ usd: paid }) => usd(paid) },
    { title: t("last.took"), figures: true, cell: ({ seconds }) => took(seconds) },
  ];
  return (
    <Section title={t("last.title")} about={t("last.about")}>
      <Ask of={asked}>
        {(answer) => {
          const parts = partsOf(answer.rows);
          if (parts.length === 0) return <Empty title={t("last.none")} />;
          return <Grid label={t("last.title")} columns={columns} rows={parts} keyOf={({ key }) => key} />;
        }}
      </Ask>
    </Section>
  );
}

function Outcome({ of, text }: { of: Part; text: string }) {
  return <span className={of.outcome === "done" ? "" : "work__failed"}>{text}</span>;
}

function took(seconds: number | null): string {
  return seconds !== null && seconds < 60 ? ms(seconds * 1000) : duration(seconds);
}
