import { useTranslation } from "react-i18next";
import type { Body } from "@/api/client";
import { Figure, Ribbon } from "@/parts/Figure";
import { count, percent } from "@/time/format";

/** How much is going on, and how much more may. */
export function HealingRibbon({ of }: { of: Body<"Playbooks"> }) {
  const { t } = useTranslation("healing");
  const running = of.playbooks.flatMap((it) => it.running);
  const waiting = running.filter((it) => it.state === "asking").length;
  const sum = (value: (playbook: Body<"PlaybookBody">) => number) =>
    of.playbooks.reduce((total, playbook) => total + value(playbook), 0);
  const [runs, done] = [sum((it) => it.runs), sum((it) => it.done)];
  const { actions_within_the_hour: used, actions_per_hour: allowed } = of;
  return (
    <Ribbon label={t("playbooks")}>
      <Figure
        label={t("budget")}
        value={count(used)}
        about={used >= allowed ? t("spent") : t("budgetOf", { count: allowed })}
        tone={used >= allowed ? "bad" : undefined}
      />
      <Figure label={t("underWay")} value={count(running.length)} />
      <Figure
        label={t("waiting")}
        value={count(waiting)}
        about={waiting > 0 ? undefined : t("waitingNone")}
        tone={waiting > 0 ? "warn" : undefined}
      />
      <Figure
        label={t("wentWell")}
        value={percent(runs > 0 ? done / runs : null)}
        about={runs > 0 ? t("wentWellOf", { count: runs }) : t("noRuns")}
      />
    </Ribbon>
  );
}
