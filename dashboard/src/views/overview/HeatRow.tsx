import { type PointerEvent, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Body } from "@/api/client";
import { healthInk, riskInk } from "@/charts/ink";
import { Go } from "@/parts/Go";
import { type Theme, useTheme } from "@/shell/useTheme";
import { clock, duration, instant, percent } from "@/time/format";
import { highest, overall } from "./heat";

interface Props {
  row: Body<"ChannelHeat">;
  /** The instant after the last step. */
  to: string;
  stepS: number;
}

/** One channel: its past as a strip of steps, its next hour as one field for each horizon. */
export function HeatRow({ row, to, stepS }: Props) {
  const { t } = useTranslation("overview");
  const theme = useTheme();
  const canvas = useRef<HTMLCanvasElement>(null);
  const { bad, channel, risks } = row;

  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!canvas.current || !context) return;
    // One pixel a step; the browser stretches it without smoothing.
    canvas.current.width = Math.max(bad.length, 1);
    bad.forEach((step, at) => {
      context.fillStyle = healthInk(step ?? null, theme);
      context.fillRect(at, 0, 1, 1);
    });
  }, [bad, theme]);

  const tell = (event: PointerEvent<HTMLCanvasElement>) => {
    const at = Math.floor((event.nativeEvent.offsetX / event.currentTarget.clientWidth) * bad.length);
    const step = bad[at];
    const time = clock(instant(to) - (bad.length - at) * stepS);
    const said = step === null || step === undefined ? t("heat.noCalls") : percent(step);
    event.currentTarget.title = t("heat.cell", { time, bad: said });
  };

  const about = t("heat.row", { channel, bad: percent(overall(row)), risk: percent(highest(row)) });
  return (
    <div className="heat__row">
      <span className="heat__name">
        <Go to={{ view: "channel", subject: channel }}>{channel}</Go>
      </span>
      <canvas
        ref={canvas}
        className="heat__past"
        width={1}
        height={1}
        role="img"
        aria-label={about}
        onPointerMove={tell}
      />
      <span className="heat__next">
        {risks.map(({ horizon_s, probability }) => (
          <span
            key={horizon_s}
            style={{ background: riskInk(probability, theme) }}
            className={`heat__soon heat__soon--${textOn(probability, theme)}`}
            title={t("heat.soon", { span: duration(horizon_s), risk: percent(probability) })}
          >
            {probability >= 0.05 ? percent(probability) : ""}
          </span>
        ))}
      </span>
    </div>
  );
}

/** Which text is read well on the colour of a risk: the dark theme's colours grow lighter with it, the light one's darker. */
function textOn(probability: number, theme: Theme): "light" | "dark" {
  if (theme === "g100") return probability >= 0.5 ? "dark" : "light";
  return probability >= 0.2 ? "light" : "dark";
}
