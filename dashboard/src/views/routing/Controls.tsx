import { Pause, Play, SkipBack, SkipForward } from "@carbon/icons-react";
import { IconButton } from "@carbon/react";
import { useEffect, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Seconds } from "@/place/span";
import { clock, duration, instant, utc } from "@/time/format";
import { MINUTE_S } from "./frames";
import type { Decision } from "./reason";

/** How long a minute takes to play. */
const STEP_MS = 600;

interface Props {
  decision: Decision;
  /** The minute that is shown, counted from the first. */
  index: number;
  last: number;
  from: Seconds;
  go: (index: number) => void;
}

/** Play, pause, step and slide through the minutes of a replay. */
export function Controls({ decision, index, last, from, go }: Props) {
  const { t } = useTranslation("routing");
  const id = useId();
  const [playing, setPlaying] = useState(false);
  useEffect(() => {
    if (!playing) return;
    const timer = setTimeout(() => (index < last ? go(index + 1) : setPlaying(false)), STEP_MS);
    return () => clearTimeout(timer);
  });
  const at = from + index * MINUTE_S;
  const away = at - Math.floor(instant(decision.issued_at) / MINUTE_S) * MINUTE_S;
  const length = duration(away);
  const where = away === 0 ? t("atOnce") : away < 0 ? t("before", { length }) : t("afterwards", { length });
  const step = (to: number) => {
    setPlaying(false);
    go(Math.min(Math.max(to, 0), last));
  };
  const toggle = () => {
    // From its end a replay begins anew.
    if (!playing && index >= last) go(0);
    setPlaying(!playing);
  };
  return (
    <div className="player" role="group" aria-label={t("replay", { generation: decision.generation })}>
      <IconButton size="sm" kind="ghost" label={t("back")} disabled={index === 0} onClick={() => step(index - 1)}>
        <SkipBack />
      </IconButton>
      <IconButton size="sm" kind="primary" label={playing ? t("pause") : t("play")} onClick={toggle}>
        {playing ? <Pause /> : <Play />}
      </IconButton>
      <IconButton size="sm" kind="ghost" label={t("next")} disabled={index === last} onClick={() => step(index + 1)}>
        <SkipForward />
      </IconButton>
      <label className="cds--visually-hidden" htmlFor={id}>
        {t("minute")}
      </label>
      <input
        id={id}
        type="range"
        min={0}
        max={last}
        value={index}
        aria-valuetext={`${clock(at)}, ${where}`}
        onChange={(event) => step(Number(event.target.value))}
      />
      <output className="player__at" htmlFor={id} title={utc(at)}>
        <b>{clock(at)}</b> {where}
      </output>
    </div>
  );
}
