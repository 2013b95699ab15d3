import { Tag } from "@carbon/react";
import { useTranslation } from "react-i18next";
import type { Body } from "@/api/client";
import { Go } from "@/parts/Go";
import { count, percent } from "@/time/format";
import { When } from "@/time/When";
import { term } from "@/words/term";
import { Steps } from "./Steps";
import { Times } from "./Times";

/** One playbook: its steps, how often it helped, and how long that took. */
export function PlaybookCard({ of }: { of: Body<"PlaybookBody"> }) {
  const { t } = useTranslation("healing");
  const counts: [string, string][] = [
    [t("success"), percent(of.success_ratio)],
    [t("runs"), count(of.runs)],
    [t("taken"), count(of.rolled_back)],
    [t("handed"), count(of.handed_over)],
    [t("declined"), count(of.declined)],
  ];
  return (
    <article className="card">
      <header className="card__head">
        <h4>{of.name}</h4>
        {of.high_risk && (
          <Tag size="sm" type="red">
            {t("highRisk")}
          </Tag>
        )}
      </header>
      <Steps label={t("steps")} steps={of.steps} />
      {of.roll_back.length > 0 && (
        <>
          <p className="muted">{t("rollBack")}</p>
          <Steps label={t("rollBack")} steps={of.roll_back} />
        </>
      )}
      <div className="playbook__figures">
        <dl className="counts">
          {counts.map(([label, value]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        <Times of={of} />
      </div>
      {of.last && (
        <p className="muted card__foot">
          {t("last")}: <Go to={{ view: "healing", subject: of.last.run }}>{term("outcomes", of.last.outcome)}</Go>{" "}
          {t("on")} {of.last.channel}, <When at={of.last.ended_at} relative />
        </p>
      )}
    </article>
  );
}
