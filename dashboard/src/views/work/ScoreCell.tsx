import { Checkmark } from "@carbon/icons-react";
import { useTranslation } from "react-i18next";
import type { Body } from "@/api/client";
import { decimal, percent } from "@/time/format";

interface Props {
  score: Body<"ScoreBody"> | undefined;
  enough: number;
  /** The largest worth for a USD of the tier. */
  most: number;
}

/** One model in one tier: its worth against what is enough, and its worth for a USD against the best. */
export function ScoreCell({ score, enough, most }: Props) {
  const { t } = useTranslation("work");
  if (!score) return <span className="muted">{t("scores.untried")}</span>;
  const { worth, worth_per_usd: perUsd, jobs } = score;
  const suffices = worth >= enough;
  return (
    <div className="score">
      <span className={suffices ? "score__bar score__bar--enough" : "score__bar"} aria-hidden>
        <i style={{ inlineSize: percent(worth) }} />
        <u style={{ insetInlineStart: percent(enough) }} />
      </span>
      <span className="score__worth">
        <span className="cds--visually-hidden">{t("scores.worth", { worth: "" })}</span>
        {decimal(worth, 2, 2)}
        {suffices ? (
          <Checkmark aria-label={t("scores.enough")} />
        ) : (
          <span className="cds--visually-hidden">{t("scores.short")}</span>
        )}
      </span>
      <span className="score__bar score__bar--usd" aria-hidden>
        <i style={{ inlineSize: percent(most > 0 ? (perUsd ?? 0) / most : 0) }} />
      </span>
      <span className="score__usd">{t("scores.perUsd", { value: decimal(perUsd, 1, 1) })}</span>
      <span className="score__jobs">{t("scores.jobs", { count: jobs })}</span>
    </div>
  );
}
