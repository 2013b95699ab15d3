import { useTranslation } from "react-i18next";
import { api, type Body } from "@/api/client";
import { Figure, Ribbon } from "@/parts/Figure";
import { ago, count, GAP, instant, usd } from "@/time/format";
import { useNow } from "@/time/useNow";
import { When } from "@/time/When";
import { paidOn } from "./kinds";

/** How much work there is, what it costs today, and when it was shared out. */
export function Summary({ allocation }: { allocation: Body<"AllocationBody"> }) {
  const { t } = useTranslation("work");
  const now = useNow();
  const { data: scores } = api.useQuery("get", "/v1/work/scores");
  const { data: curves } = api.useQuery("get", "/v1/work/curves");
  const today = curves && paidOn(curves.curves, new Date(now * 1000).toISOString().slice(0, 10));
  const passed = scores?.tokens.filter(({ passed_over }) => passed_over).length;
  const next = allocation.next_at;
  return (
    <Ribbon label={t("summary")}>
      <Figure
        label={t("made")}
        value={<When at={allocation.at} />}
        about={next && t("next", { when: ago(instant(next), now) })}
      />
      <Figure label={t("started")} value={count(scores?.started)} />
      <Figure label={t("open")} value={count(scores?.open)} about={t("openAbout")} />
      <Figure label={t("paid")} value={usd(today?.usd)} about={today && t("parts", { count: today.parts })} />
      <Figure
        label={t("passed")}
        value={passed === undefined ? GAP : count(passed)}
        about={t("passedAbout", { count: passed ?? 0 })}
        tone={passed ? "warn" : undefined}
      />
    </Ribbon>
  );
}
