import { Button } from "@carbon/react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { Empty } from "@/parts/Empty";
import { Note } from "@/parts/Note";
import { Section } from "@/parts/Section";
import { asQuery, type Seconds } from "@/place/span";
import { usePlace } from "@/place/usePlace";
import { instant } from "@/time/format";
import type { Route } from "./board";
import { DecisionCard } from "./DecisionCard";
import { parentOf } from "./history";
import { leads } from "./lead";
import type { Decision } from "./reason";
import { Warnings } from "./Warnings";

/** Decisions that are shown at first, and more at each request. */
const SOME = 8;
const MOST_INCIDENTS = 1000;

interface Props {
  route: Route;
  decisions: Decision[];
  /** Older ones were asked for to know what held at the start of the span. */
  since: Seconds;
  chosen: number | undefined;
  truncated: boolean;
}

/** The decisions of the span, each with its reasons and what came of it. */
export function Decisions({ route, decisions, since, chosen, truncated }: Props) {
  const { t } = useTranslation("routing");
  const { span } = usePlace();
  const [shown, setShown] = useState(SOME);
  const incidents = api.useQuery("get", "/v1/incidents", {
    params: { query: { ...asQuery(span), limit: MOST_INCIDENTS } },
  });
  const within = decisions.filter((it) => instant(it.issued_at) >= since);
  return (
    <Section title={t("decisions")} about={t("decisionsAbout")}>
      <Warnings route={route.class} />
      {truncated && <Note kind="info" title={t("truncated")} />}
      {within.length === 0 && <Empty title={t("noDecisions")}>{t("noDecisionsAbout")}</Empty>}
      <ol className="decisions">
        {within.slice(0, shown).map((decision) => (
          <li key={decision.generation}>
            <DecisionCard
              of={decision}
              parent={parentOf(decision, decisions)}
              leads={leads(decision, incidents.data?.incidents ?? [])}
              holds={decision.generation === route.held?.generation}
              chosen={decision.generation === chosen}
            />
          </li>
        ))}
      </ol>
      {within.length > shown && (
        <Button kind="ghost" size="sm" onClick={() => setShown(shown + 3 * SOME)}>
          {t("more")} ({within.length - shown})
        </Button>
      )}
    </Section>
  );
}
