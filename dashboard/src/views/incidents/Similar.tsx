import { useTranslation } from "react-i18next";
import { Empty } from "@/parts/Empty";
import { Section } from "@/parts/Section";
import { IncidentTable } from "./IncidentTable";
import type { Detail } from "./incident";

/** The same trouble before and since. */
export function Similar({ of }: { of: Detail }) {
  const { t } = useTranslation("incidents");
  return (
    <Section title={t("similar")} about={t("similarAbout")}>
      {of.similar.length > 0 ? (
        <IncidentTable label={t("similar")} incidents={of.similar} />
      ) : (
        <Empty title={t("noneSimilar")} />
      )}
    </Section>
  );
}
