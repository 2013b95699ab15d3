import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Choice } from "@/parts/Choice";
import { Empty } from "@/parts/Empty";
import { Section } from "@/parts/Section";
import { type Route, worth } from "./board";
import { FrontTable } from "./FrontTable";
import type { Axis, Spot } from "./front";
import { Scatter } from "./Scatter";
import { ShareBar } from "./ShareBar";

/** What other mixes would cost, and how fast they would be: a picture, the chosen mix, and all of them as a table. */
export function Front({ route }: { route: Route }) {
  const { t } = useTranslation("routing");
  const [axis, setAxis] = useState<Axis>("latency_ms");
  const [chosen, setChosen] = useState<number>();
  const spots: Spot[] = route.front.map((point, index) => ({ ...point, number: index + 1 }));
  const weights = route.held?.weights;
  const present: Spot | undefined = weights && { ...worth(weights, route.channels), shares: weights, number: 0 };
  const shown = spots.find((it) => it.number === chosen) ?? present;
  const choice = (
    <Choice
      label={t("axis")}
      bare
      value={axis}
      choose={(value) => setAxis(value === "slow" ? "slow" : "latency_ms")}
      options={[
        ["latency_ms", t("axes.latency_ms")],
        ["slow", t("axes.slow")],
      ]}
    />
  );
  if (spots.length === 0) {
    return (
      <Section title={t("front")} about={t("frontAbout")}>
        <Empty title={t("noFront")}>{t("noFrontAbout")}</Empty>
      </Section>
    );
  }
  return (
    <Section title={t("front")} about={t("frontAbout")} tools={choice}>
      <Scatter spots={spots} present={present} axis={axis} chosen={chosen} choose={setChosen} />
      {shown && (
        <div className="front__mix">
          <strong>{shown.number === 0 ? t("presentMix") : `${t("mix")} ${shown.number}`}</strong>
          <ShareBar label={t("shares")} shares={shown.shares} channels={route.channels.map(([name]) => name)} />
        </div>
      )}
      <FrontTable spots={spots} present={present} />
    </Section>
  );
}
