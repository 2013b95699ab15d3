import { useTranslation } from "react-i18next";
import { Go } from "@/parts/Go";
import { duration } from "@/time/format";
import { term } from "@/words/term";
import type { Action } from "./done";

/** What a playbook did, in a few words. */
export function ActionLine({ of }: { of: Action }) {
  const { t } = useTranslation("incidents");
  const outcome = of.outcome ? term("outcomes", of.outcome) : t("underWay");
  return (
    <div>
      {of.step === 0 ? (
        <Go to={{ view: "healing", subject: of.run }}>{t("run", { playbook: of.playbook })}</Go>
      ) : (
        <span>
          {of.step}. {term("steps", of.kind)}
          {of.target && ` (${of.target})`}
        </span>
      )}
      <span className="muted">
        {" "}
        · {outcome}
        {of.took_s != null && of.took_s >= 1 && ` · ${duration(of.took_s)}`}
      </span>
    </div>
  );
}
