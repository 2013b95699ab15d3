import { useTranslation } from "react-i18next";
import { inks as inksOf } from "@/charts/ink";
import type { Picture, Unit } from "@/charts/picture";
import { TimeChart } from "@/charts/TimeChart";
import type { Seconds } from "@/place/span";
import { useTheme } from "@/shell/useTheme";
import { type Frame, type Met, MINUTE_S } from "./frames";

interface Props {
  frames: Frame[];
  /** The minute that is played. */
  at: Seconds;
  over: { from: Seconds; to: Seconds };
}

/** The whole replay at a glance: as decided and without the decision, with the minute that is played. */
export function ReplayCharts({ frames, at, over }: Props) {
  const { t } = useTranslation("routing");
  const inks = inksOf(useTheme());
  const picture = (unit: Unit, value: (met: Met) => number | null): Picture => {
    const times = frames.map((frame) => frame.at);
    const points = (side: "decided" | "without") => ({ t: times, v: frames.map((frame) => value(frame[side])) });
    return {
      unit,
      lines: [
        { label: t("withoutIt"), points: points("without"), ink: inks.limit, dashed: true },
        { label: t("asDecided"), points: points("decided"), ink: inks.truth },
      ],
      stretches: [{ from: at, to: at + MINUTE_S, label: t("minute") }],
    };
  };
  return (
    <>
      <TimeChart title={t("failingCalls")} picture={picture("ratio", (met) => met.failing)} height={110} over={over} />
      <TimeChart title={t("meanLatency")} picture={picture("ms", (met) => met.latency_ms)} height={110} over={over} />
    </>
  );
}
