import { useTranslation } from "react-i18next";
import { Section } from "@/parts/Section";
import { IncidentTable } from "./IncidentTable";
import type { Detail } from "./incident";

/** The incidents of a group; nothing for a single one. */
export function Members({ of }: { of: Detail }) {
  const { t } = useTranslation("incidents");
  if (!of.incidents?.length) return null;
  return (
    <Section title={t("members")} about={t("membersAbout")}>
      <IncidentTable label={t("members")} incidents={of.incidents} />
    </Section>
  );
}
