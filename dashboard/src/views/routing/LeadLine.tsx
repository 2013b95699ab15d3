import { Time, View } from "@carbon/icons-react";
import { useTranslation } from "react-i18next";
import { Go } from "@/parts/Go";
import { duration } from "@/time/format";
import type { Lead } from "./lead";

/** How a decision stands to the trouble that it is about. */
export function LeadLine({ of }: { of: Lead }) {
  const { t } = useTranslation("routing");
  if (of.kind === "after") {
    return (
      <p className="lead">
        <Time aria-hidden />
        <Go to={{ view: "incidents", subject: of.incident }}>
          {t("after", { channel: of.channel, length: duration(of.lag_s) })}
        </Go>
      </p>
    );
  }
  const came =
    of.came === undefined
      ? t("aheadUnknown")
      : !of.came
        ? t("aheadNot")
        : of.lead_s === undefined
          ? t("aheadCame")
          : t("aheadCameIn", { length: duration(of.lead_s) });
  return (
    <p className="lead lead--ahead">
      <View aria-hidden />
      {t("ahead", { channel: of.channel })}. {came}
    </p>
  );
}
