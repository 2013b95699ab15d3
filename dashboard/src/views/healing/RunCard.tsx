import { Button, Tag } from "@carbon/react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Body } from "@/api/client";
import { Go } from "@/parts/Go";
import { When } from "@/time/When";
import { term } from "@/words/term";
import { type Answer, RunOrder } from "./RunOrder";
import { Said } from "./Said";
import { Steps } from "./Steps";

/** A run under way: why, on what, where it is, and what it waits for. */
export function RunCard({ run, playbook }: { run: Body<"RunBody">; playbook: Body<"PlaybookBody"> }) {
  const { t } = useTranslation("healing");
  const [answer, setAnswer] = useState<Answer>();
  const asks = run.state === "asking";
  return (
    <article className={asks ? "card card--asks" : "card"}>
      <header className="card__head">
        <h4>
          {playbook.name} {t("on")} <Go to={{ view: "channel", subject: run.channel }}>{run.channel}</Go>
        </h4>
        <div className="card__tools">
          {run.drained && (
            <Tag size="sm" type="magenta">
              {t("drained")}
            </Tag>
          )}
          <Tag size="sm" type={asks ? "warm-gray" : "blue"}>
            {term("runs", run.state)}
          </Tag>
        </div>
      </header>
      <p className="muted">
        {t("since")} <When at={run.began_at} relative /> · <Said text={run.cause} />
      </p>
      <Steps
        label={t("steps")}
        steps={playbook.steps}
        at={run.step ?? (run.state === "verifying" ? playbook.steps.length + 1 : null)}
        live
      />
      {asks && (
        <>
          <p>
            {run.needed != null && t("approvals", { have: run.approved_by.length, needed: run.needed })}
            {run.approved_by.length > 0 && ` · ${t("approvedBy", { by: run.approved_by.join(", ") })}`}
            {run.expires && (
              <>
                {" · "}
                {t("expires")} <When at={run.expires} />
              </>
            )}
          </p>
          <div className="orders">
            <Button size="sm" onClick={() => setAnswer("approve")}>
              {t("approve")}
            </Button>
            <Button size="sm" kind="tertiary" onClick={() => setAnswer("reject")}>
              {t("reject")}
            </Button>
          </div>
        </>
      )}
      {answer && <RunOrder answer={answer} run={run} playbook={playbook.name} close={() => setAnswer(undefined)} />}
    </article>
  );
}
