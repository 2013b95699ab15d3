import { useTranslation } from "react-i18next";
import { Ask } from "@/parts/Ask";
import { Empty } from "@/parts/Empty";
import { Go } from "@/parts/Go";
import { Section } from "@/parts/Section";
import { Severity } from "@/parts/Severity";
import { When } from "@/time/When";
import { term } from "@/words/term";
import { Standing } from "../incidents/Standing";
import { useAnomalies, useIncidents } from "./questions";

/** The channel's incidents of the span, and how many minutes were odd. */
export function Incidents({ channel }: { channel: string }) {
  const { t } = useTranslation("channel");
  const anomalies = useAnomalies(channel).data?.anomalies.filter(({ anomaly }) => anomaly) ?? [];
  const minutes = new Set(anomalies.map(({ ts }) => ts)).size;
  return (
    <Section title={t("incidents")} about={t("anomalies", { count: minutes })}>
      <Ask of={useIncidents(channel)} lines={3}>
        {({ incidents }) =>
          incidents.length === 0 ? (
            <Empty title={t("none", { ns: "shell" })} />
          ) : (
            <ul className="rows">
              {incidents.map((incident) => (
                <li key={incident.id}>
                  <Severity of={incident.worst} />
                  <Go to={{ view: "incidents", subject: incident.id }}>{term("kinds", incident.kind)}</Go>
                  <Standing of={incident} />
                  <When at={incident.first_sign} />
                </li>
              ))}
            </ul>
          )
        }
      </Ask>
    </Section>
  );
}
