import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Picture } from "@/charts/picture";
import { TimeChart } from "@/charts/TimeChart";
import { Empty } from "@/parts/Empty";
import { Section } from "@/parts/Section";
import { bounds } from "@/place/span";
import { usePlace } from "@/place/usePlace";
import { useNow } from "@/time/useNow";
import type { Route } from "./board";
import { weightsOver } from "./history";
import type { Decision } from "./reason";
import { useColours } from "./useColours";

/** The share of each channel over time, as steps. */
export function Weights({ route, decisions }: { route: Route; decisions: Decision[] }) {
  const { t } = useTranslation("routing");
  const { span } = usePlace();
  const { to } = bounds(span, useNow());
  const channels = useMemo(() => route.channels.map(([name]) => name).toSorted(), [route]);
  const colour = useColours(channels);
  const picture: Picture = {
    unit: "ratio",
    lines: channels.map((channel) => ({
      label: channel,
      points: weightsOver(decisions, channel, to),
      ink: colour(channel),
      stepped: true,
    })),
  };
  return (
    <Section title={t("weights")} about={t("weightsAbout")}>
      {decisions.length > 0 ? (
        <TimeChart title={t("shares")} picture={picture} height={240} />
      ) : (
        <Empty title={t("noDecisions")} />
      )}
    </Section>
  );
}
