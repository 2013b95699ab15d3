import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { Figure, Ribbon } from "@/parts/Figure";
import { count, duration } from "@/time/format";

/** How early harm was warned of; nothing while there was neither harm nor a warning. */
export function Warnings({ route }: { route: string }) {
  const { t } = useTranslation("routing");
  const risks = api.useQuery("get", "/v1/risk");
  const told = risks.data?.classes.find((it) => it.class === route)?.warnings;
  if (!told) return null;
  const { warned, missed, false_warnings: vain, median_lead_s } = told;
  if (warned + missed + vain === 0) return null;
  return (
    <Ribbon label={t("warnings.title")}>
      <Figure
        label={t("warnings.lead")}
        value={duration(median_lead_s)}
        about={t("warnings.leadAbout")}
        tone={warned > 0 ? "good" : undefined}
      />
      <Figure
        label={t("warnings.warned")}
        value={count(warned)}
        about={t("warnings.warnedAbout", { count: warned + missed })}
      />
      <Figure label={t("warnings.vain")} value={count(vain)} about={t("warnings.vainAbout")} />
    </Ribbon>
  );
}
