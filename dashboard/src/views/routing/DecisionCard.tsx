import { useTranslation } from "react-i18next";
import { Go } from "@/parts/Go";
import { When } from "@/time/When";
import { term } from "@/words/term";
import { change } from "./change";
import { sharesOf } from "./history";
import { LeadLine } from "./LeadLine";
import type { Lead } from "./lead";
import { Outcome } from "./Outcome";
import { Reasons } from "./Reasons";
import { type Decision, moves } from "./reason";
import { routingPane } from "./subject";

/** Changes that are told in the head of a decision; the reasons tell of the others. */
const MOST_MOVES = 3;

interface Props {
  of: Decision;
  parent: Decision | undefined;
  leads: Lead[];
  holds: boolean;
  chosen: boolean;
}

/** One decision: what it changed, why, how early, and what came of it. */
export function DecisionCard({ of, parent, leads, holds, chosen }: Props) {
  const { t } = useTranslation("routing");
  const changed = parent ? moves(sharesOf(parent), sharesOf(of)).slice(0, MOST_MOVES) : [];
  return (
    <article
      className={chosen ? "card card--chosen" : "card"}
      aria-label={t("decision", { generation: of.generation })}
    >
      <header className="card__head">
        <h4>
          <When at={of.issued_at} /> · {t("decision", { generation: of.generation })}
          {of.trigger && <span className="muted"> · {term("triggers", of.trigger)}</span>}
        </h4>
        <Go to={routingPane(of.class, of.generation)}>{t("replayIt")}</Go>
      </header>
      {changed.length > 0 && (
        <ul className="moves" aria-label={t("shares")}>
          {changed.map(({ channel, from, to }) => (
            <li key={channel} className={to > from ? "move move--up" : "move move--down"}>
              {channel} <b>{Object.values(change(from, to)).join(" → ")}</b>
            </li>
          ))}
        </ul>
      )}
      <div className="decision__body">
        <div>
          <Reasons of={of} />
          {leads.map((lead) => (
            <LeadLine key={lead.channel} of={lead} />
          ))}
        </div>
        <Outcome of={of} holds={holds} />
      </div>
    </article>
  );
}
