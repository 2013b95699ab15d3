import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Go } from "@/parts/Go";
import { Grid } from "@/parts/Grid";
import { When } from "@/time/When";
import { term } from "@/words/term";
import { length } from "./length";
import { Outcome } from "./Outcome";
import { type Run, standingOf } from "./runs";
import { Said } from "./Said";

/** One run: how it ended, and folded away, every try. */
export function LogRun({ of, chosen }: { of: Run; chosen: boolean }) {
  const { t } = useTranslation("healing");
  const place = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    if (chosen) place.current?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  const { itself } = of;
  return (
    <details ref={place} className="run" open={chosen}>
      <summary>
        <When at={of.began_at} />
        <strong>{of.playbook}</strong>
        <span>{of.channel}</span>
        <Outcome of={standingOf(of)} />
        <span className="muted">
          {length(itself?.took_s)} · {t("tries", { count: of.tries.length })}
        </span>
      </summary>
      <p>
        <Go to={{ view: "channel", subject: of.channel }}>{of.channel}</Go>{" "}
        <span className="muted">
          <Said text={itself?.message} />
        </span>
      </p>
      {of.tries.length > 0 && (
        <Grid
          label={of.run}
          keyOf={(it) => `${it.step}-${it.try}-${it.began_at}`}
          rows={of.tries}
          columns={[
            {
              title: t("steps"),
              cell: (it) => `${it.step}. ${term("steps", it.kind)}${it.target ? ` (${it.target})` : ""}`,
            },
            { title: t("try"), cell: (it) => it.try, figures: true },
            { title: t("since"), cell: (it) => <When at={it.began_at} /> },
            { title: t("took"), cell: (it) => length(it.took_s), figures: true },
            { title: t("outcome"), cell: (it) => <Outcome of={it.outcome} /> },
            { title: t("said"), cell: (it) => <Said text={it.message} /> },
          ]}
        />
      )}
    </details>
  );
}
