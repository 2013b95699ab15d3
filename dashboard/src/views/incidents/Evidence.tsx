import { useTranslation } from "react-i18next";
import { named } from "@/api/shapes";
import { Empty } from "@/parts/Empty";
import { Grid } from "@/parts/Grid";
import { Section } from "@/parts/Section";
import { count } from "@/time/format";
import { When } from "@/time/When";
import { term } from "@/words/term";
import { EvidenceCharts } from "./EvidenceCharts";
import { type Blame, blames, inColumn } from "./evidence";
import type { Detail } from "./incident";

/** What speaks for an incident: what was expected, what came, who says so. */
export function Evidence({ of }: { of: Detail }) {
  const { t } = useTranslation("incidents");
  // The members of a group have their own.
  if (!of.channel) return null;
  const found = blames(of);
  return (
    <Section title={t("evidence")} about={t("evidenceAbout")}>
      {found.length > 0 ? (
        <Grid
          label={t("evidence")}
          keyOf={({ column }) => column}
          rows={found}
          columns={[
            { title: t("column"), cell: ({ column }) => term("columns", column) },
            { title: t("expected"), cell: ({ column, worst }) => band(column, worst.expected), figures: true },
            {
              title: t("worstValue"),
              cell: ({ column, worst }) => <b>{inColumn(column, worst.value)}</b>,
              figures: true,
            },
            { title: t("at"), cell: ({ worst }) => <When at={worst.at} /> },
            { title: t("oddMinutes"), cell: (it) => count(it.odd_minutes), figures: true },
            { title: t("detectors"), cell: ({ detectors }) => votes(detectors) },
          ]}
        />
      ) : (
        <Empty title={t("noEvidence")}>{t("noEvidenceAbout")}</Empty>
      )}
      <EvidenceCharts of={of} channel={of.channel} blames={found} />
    </Section>
  );
}

function band(column: string, expected: Blame["worst"]["expected"]): string {
  return expected
    ? `${inColumn(column, Math.max(expected.low, 0))} – ${inColumn(column, expected.high)}`
    : inColumn(column, null);
}

function votes(detectors: Blame["detectors"]): string {
  return Object.entries(named<number>(detectors))
    .sort(([, one], [, other]) => other - one)
    .map(([name, minutes]) => `${term("detectors", name)} ${minutes}`)
    .join(", ");
}
