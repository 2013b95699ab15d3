import { CheckmarkFilled, CircleDash, CircleFilled } from "@carbon/icons-react";
import { useTranslation } from "react-i18next";
import { term } from "@/words/term";

interface Props {
  label: string;
  steps: string[];
  /** Number of the step that is under way, from 1; none where nothing is. */
  at?: number | null | undefined;
  /** Whether steps before `at` are shown as done. */
  live?: boolean;
}

/** The steps of a playbook in their order, with where a run is. */
export function Steps({ label, steps, at, live = false }: Props) {
  const { t } = useTranslation("healing");
  return (
    <ol className="steps" aria-label={label}>
      {steps.map((step, index) => {
        const number = index + 1;
        const done = live && at != null && number < at;
        const now = live && number === at;
        const Icon = done ? CheckmarkFilled : now ? CircleFilled : CircleDash;
        return (
          <li
            key={`${number} ${step}`}
            className={now ? "steps__now" : done ? "steps__done" : ""}
            aria-current={now ? "step" : undefined}
          >
            {live && <Icon aria-hidden />}
            {number}. {term("steps", step)}
            {(done || now) && <span className="cds--visually-hidden">, {done ? t("stepDone") : t("stepNow")}</span>}
          </li>
        );
      })}
    </ol>
  );
}
