import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { Ask } from "@/parts/Ask";
import { Empty } from "@/parts/Empty";
import { Section } from "@/parts/Section";
import { IncidentTable } from "./IncidentTable";
import type { Incident } from "./incident";
import { ONE_PAGE, type Wanted } from "./wanted";

/** What is open now, the gravest first. */
export function OpenOnes({ wanted }: { wanted: Wanted }) {
  const { t } = useTranslation("incidents");
  const page = api.useQuery("get", "/v1/incidents", {
    params: { query: { ...wanted, state: "open", limit: ONE_PAGE } },
  });
  return (
    <Section title={t("openOnes")}>
      <Ask of={page}>
        {({ incidents }) =>
          incidents.length > 0 ? (
            <IncidentTable label={t("openOnes")} incidents={incidents.toSorted(graver)} />
          ) : (
            <Empty title={t("noneOpen")}>{t("noneOpenAbout")}</Empty>
          )
        }
      </Ask>
    </Section>
  );
}

function graver(one: Incident, other: Incident): number {
  return one.severity.localeCompare(other.severity) || other.opened.localeCompare(one.opened);
}
