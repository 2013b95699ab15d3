import { useTranslation } from "react-i18next";
import { Ask } from "@/parts/Ask";
import { Empty } from "@/parts/Empty";
import { Go } from "@/parts/Go";
import { Section } from "@/parts/Section";
import { Severity } from "@/parts/Severity";
import { When } from "@/time/When";
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
              {incidents.map(({ id, kind, worst, first_sign, state }) => (
                <li key={id}>
                  <Severity of={worst} />
                  <Go to={{ view: "incidents", subject: id }}>{kind}</Go>
                  <span className="muted">{state}</span>
                  <When at={first_sign} />
                </li>
              ))}
            </ul>
          )
        }
      </Ask>
    </Section>
  );
}
