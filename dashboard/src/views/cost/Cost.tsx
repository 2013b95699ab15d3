import { ContentSwitcher, Switch } from "@carbon/react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { Ask } from "@/parts/Ask";
import { showing } from "@/place/place";
import { go } from "@/place/usePlace";
import type { ViewProps } from "../views";
import { BurnDown } from "./BurnDown";
import { type Choice, chosenLine, PERIODS, parseChoice, writeChoice } from "./choice";
import { Glance } from "./Glance";
import { Lines } from "./Lines";
import { RunsOut } from "./RunsOut";
import { Saved } from "./Saved";
import { TokensOverTime } from "./TokensOverTime";
import { useSlots } from "./useSlots";

/** What is spent, what will be, and what that buys. The subject is a period, a kind of lines, and one of them. */
export default function Cost({ subject, pane }: ViewProps) {
  const { t } = useTranslation("cost");
  const spend = api.useQuery("get", "/v1/spend");
  const choice = parseChoice(subject);
  const choose = (next: Choice) => {
    const written = writeChoice(next);
    go((place) => showing({ ...place, focus: pane }, written ? { view: "cost", subject: written } : { view: "cost" }));
  };
  const slots = useSlots(choice, spend.data?.day ?? new Date().toISOString().slice(0, 10));
  return (
    <Ask of={spend} lines={12}>
      {(told) => {
        const line = chosenLine(told, choice);
        return (
          <>
            <Glance spend={told} />
            <div className="cost__period">
              <ContentSwitcher
                size="sm"
                aria-label={t("period")}
                selectedIndex={PERIODS.indexOf(choice.period)}
                onChange={({ index }) => choose({ ...choice, period: PERIODS[index ?? 0] ?? "day" })}
              >
                {PERIODS.map((period) => (
                  <Switch key={period} name={period} text={t(`periods.${period}`)} />
                ))}
              </ContentSwitcher>
            </div>
            <BurnDown spend={told} line={line} choice={choice} slots={slots} />
            <Lines spend={told} choice={choice} choose={choose} />
            <TokensOverTime line={line} day={told.day} choice={choice} slots={slots} />
            <RunsOut spend={told} choice={choice} />
            <Saved />
          </>
        );
      }}
    </Ask>
  );
}
