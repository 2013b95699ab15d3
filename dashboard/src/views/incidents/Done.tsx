import { Button } from "@carbon/react";
import { keepPreviousData } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { Ask } from "@/parts/Ask";
import { Empty } from "@/parts/Empty";
import { Section } from "@/parts/Section";
import { iso } from "@/place/span";
import { instant } from "@/time/format";
import { useNow } from "@/time/useNow";
import { When } from "@/time/When";
import { ActionLine } from "./ActionLine";
import { DecisionLine } from "./DecisionLine";
import { channelsOf, deeds } from "./done";
import { around, type Detail } from "./incident";

/** Deeds that are shown at first. */
const SOME = 12;
/** Seconds before the first sign in which something may have been done ahead. */
const AHEAD_S = 600;

/** What was decided and what playbooks did about the channel around the incident. */
export function Done({ of }: { of: Detail }) {
  const { t } = useTranslation("incidents");
  const now = useNow();
  const [shown, setShown] = useState(SOME);
  const { from, to } = around(of, now);
  const query = { from: iso(Math.max(from, instant(of.first_sign) - AHEAD_S)), to: iso(to) };
  const decisions = api.useQuery("get", "/v1/decisions", { params: { query } }, { placeholderData: keepPreviousData });
  const actions = api.useQuery("get", "/v1/actions", { params: { query } }, { placeholderData: keepPreviousData });
  return (
    <Section title={t("done")} about={t("doneAbout")}>
      <Ask of={decisions}>
        {(decided) => {
          const channels = channelsOf(of);
          const all = deeds(channels, decided.decisions, actions.data?.actions ?? []);
          if (all.length === 0) return <Empty title={t("nothingDone")}>{t("nothingDoneAbout")}</Empty>;
          return (
            <>
              <ol className="story">
                {all.slice(0, shown).map((deed) => (
                  <li
                    key={
                      deed.kind === "decision"
                        ? `d${deed.decision.class}${deed.decision.generation}`
                        : actionKey(deed.action)
                    }
                  >
                    <When at={deed.at} />
                    {deed.kind === "decision" ? (
                      <DecisionLine of={deed.decision} channels={channels} />
                    ) : (
                      <ActionLine of={deed.action} />
                    )}
                  </li>
                ))}
              </ol>
              {all.length > shown && (
                <Button kind="ghost" size="sm" onClick={() => setShown(all.length)}>
                  {t("showAll", { count: all.length })}
                </Button>
              )}
            </>
          );
        }}
      </Ask>
    </Section>
  );
}

function actionKey({ run, step, try: number }: { run: string; step: number; try: number }): string {
  return `a${run}-${step}-${number}`;
}
