import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { Ask } from "@/parts/Ask";
import { Empty } from "@/parts/Empty";
import { Meter } from "@/parts/Meter";
import { Section } from "@/parts/Section";
import { duration, percent } from "@/time/format";

/** How likely the channel is to break what a class promises, by how soon. */
export function Risks({ channel }: { channel: string }) {
  const { t } = useTranslation("channel");
  const risk = api.useQuery("get", "/v1/channels/{id}/risk", {
    params: { path: { id: channel }, query: { from: "-1m" } },
  });
  return (
    <Section title={t("risks.title")}>
      <Ask of={risk} lines={3}>
        {({ now }) => {
          if (now.length === 0) return <Empty title={t("risks.empty")} />;
          const rows = [...now].sort(
            (one, other) => one.class.localeCompare(other.class) || one.horizon_s - other.horizon_s,
          );
          return (
            <ul className="meters">
              {rows.map(({ class: name, horizon_s, probability }) => (
                <li key={`${name}/${horizon_s}`}>
                  <Meter
                    label={`${name}, ${t("risks.within", { span: duration(horizon_s) })}`}
                    value={probability}
                    text={percent(probability)}
                    tone={probability >= 0.5 ? "bad" : probability >= 0.2 ? "warn" : "risk"}
                  />
                </li>
              ))}
            </ul>
          );
        }}
      </Ask>
    </Section>
  );
}
