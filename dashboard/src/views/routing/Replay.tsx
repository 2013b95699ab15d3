import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Empty } from "@/parts/Empty";
import { Section } from "@/parts/Section";
import type { Route } from "./board";
import { Player } from "./Player";
import type { Decision } from "./reason";

interface Props {
  route: Route;
  decisions: Decision[];
  generation: number | undefined;
}

/** A decision minute by minute, with what would have been without it. */
export function Replay({ route, decisions, generation }: Props) {
  const { t } = useTranslation("routing");
  const place = useRef<HTMLDivElement>(null);
  // A decision that was chosen is looked at.
  useEffect(() => {
    if (generation !== undefined) place.current?.scrollIntoView({ block: "start" });
  }, [generation]);
  const decision = decisions.find((it) => it.generation === generation);
  return (
    <div ref={place} className="replay">
      {generation === undefined ? (
        <Empty title={t("noReplay")}>{t("noReplayAbout")}</Empty>
      ) : decision ? (
        <Section title={t("replay", { generation })} about={t("replayAbout")}>
          <Player decision={decision} decisions={decisions} channels={route.channels.map(([name]) => name)} />
        </Section>
      ) : (
        <Empty title={t("replayGone")}>{t("replayGoneAbout")}</Empty>
      )}
    </div>
  );
}
