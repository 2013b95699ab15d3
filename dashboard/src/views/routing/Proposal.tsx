import { Button } from "@carbon/react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Body, http } from "@/api/client";
import { named } from "@/api/shapes";
import { useOutdate } from "@/api/useOutdate";
import { Note } from "@/parts/Note";
import { Order } from "@/parts/Order";
import { ago, instant } from "@/time/format";
import { useNow } from "@/time/useNow";
import type { Route } from "./board";
import { Reasons } from "./Reasons";
import { ShareBar } from "./ShareBar";

/** A change that waits: what it would change, why, and the two answers. */
export function Proposal({ of, route }: { of: Body<"ProposalBody">; route: Route }) {
  const { t } = useTranslation("routing");
  const now = useNow();
  const outdate = useOutdate();
  const [answer, setAnswer] = useState<"approve" | "reject">();
  const times = { since: ago(instant(of.since), now), expires: ago(instant(of.expires), now) };
  const channels = route.channels.map(([name]) => name);
  return (
    <Note kind="warning" title={t("waiting")} about={t("waitingAbout", times)}>
      <div className="proposal">
        <ShareBar
          label={t("shares")}
          shares={named<number>(of.weights)}
          channels={channels}
          before={route.held?.weights}
        />
        <Reasons of={of} />
        {of.needed > 1 && <p>{t("approvals", { have: of.approved_by.length, needed: of.needed })}</p>}
        {of.approved_by.length > 0 && <p>{t("approvedBy", { by: of.approved_by.join(", ") })}</p>}
        <div className="orders">
          <Button size="sm" onClick={() => setAnswer("approve")}>
            {t("approve")}
          </Button>
          <Button size="sm" kind="tertiary" onClick={() => setAnswer("reject")}>
            {t("reject")}
          </Button>
        </div>
      </div>
      {answer && (
        <Order
          title={t(answer)}
          verb={t(answer)}
          danger={answer === "reject"}
          give={async (body) => {
            await http.POST(`/v1/decisions/{id}/${answer}`, { params: { path: { id: of.id } }, body });
            await outdate("/v1/mode", "/v1/routes", "/v1/decisions");
          }}
          close={() => setAnswer(undefined)}
        >
          <p className="muted">{t(`${answer}About`)}</p>
        </Order>
      )}
    </Note>
  );
}
