import { Button } from "@carbon/react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Body } from "@/api/client";
import { Empty } from "@/parts/Empty";
import { Figure, Ribbon } from "@/parts/Figure";
import { Section } from "@/parts/Section";
import { duration, instant } from "@/time/format";
import { useNow } from "@/time/useNow";
import { When } from "@/time/When";
import { term } from "@/words/term";
import type { Route } from "./board";
import { ModeOrder } from "./ModeOrder";
import { Reasons } from "./Reasons";
import type { Decision } from "./reason";
import { ShareBar } from "./ShareBar";

interface Props {
  route: Route;
  mode: Body<"ModeBody"> | undefined;
  /** The newest decisions, renewals too. */
  newest: Decision[];
}

/** The decision that holds: shares, why, until when, and what may be done at all. */
export function Holding({ route, mode, newest }: Props) {
  const { t } = useTranslation("routing");
  const now = useNow();
  const [changing, setChanging] = useState(false);
  const { held } = route;
  const known = newest.find((it) => it.generation === held?.generation);
  const probes = Object.entries(held?.probes ?? {});
  const change = (
    <Button kind="tertiary" size="sm" onClick={() => setChanging(true)}>
      {t("changeMode")}
    </Button>
  );
  return (
    <Section title={t("held")} tools={change}>
      <Ribbon label={t("held")}>
        {mode && (
          <Figure
            label={t("mode")}
            value={term("modes", mode.mode)}
            about={mode.set ? t("setBy", { by: mode.set.by, reason: mode.set.reason }) : t("configured")}
          />
        )}
        {held && (
          <>
            <Figure
              label={t("number")}
              value={held.generation}
              about={
                <>
                  <When at={held.issued_at} /> · {term("triggers", held.trigger)}
                </>
              }
            />
            <Figure
              label={t("validUntil")}
              value={<When at={held.valid_until} />}
              about={instant(held.valid_until) < now ? t("past") : t("renewed")}
              tone={instant(held.valid_until) < now ? "warn" : undefined}
            />
          </>
        )}
        {mode && (
          <Figure
            label={t("harm")}
            value={mode.harmful_decisions}
            about={mode.harmful_decisions > 0 ? t("harmful", { count: mode.harmful_decisions }) : t("harmless")}
            tone={mode.harmful_decisions > 0 ? "bad" : "good"}
          />
        )}
      </Ribbon>
      {held ? (
        <>
          <ShareBar label={t("shares")} shares={held.weights} channels={route.channels.map(([name]) => name)} />
          {probes.length > 0 && (
            <p className="muted">
              {t("probes")} {probes.map(([channel, s]) => t("probe", { channel, length: duration(s) })).join(" · ")}
            </p>
          )}
          <Reasons of={known ?? { reasons: {} as Decision["reasons"], why: held.why }} />
        </>
      ) : (
        <>
          <Empty title={t("undecided")}>{t("undecidedAbout")}</Empty>
          {/* A change that waits stands above, with its reasons. */}
          {route.lastPlan && !mode?.waiting && (
            <p className="muted">
              {t("lastPlan")}: <span lang="en">{route.lastPlan}</span>
            </p>
          )}
        </>
      )}
      {changing && <ModeOrder route={route.class} now={mode?.mode} close={() => setChanging(false)} />}
    </Section>
  );
}
