import { SkipToContent } from "@carbon/react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { usePlace } from "@/place/usePlace";
import { Bar } from "./Bar";
import { Head } from "./Head";
import { Help } from "./Help";
import { PaneFrame } from "./PaneFrame";
import { Token } from "./Token";
import { useShortcuts } from "./useShortcuts";

/** The page around the views: head, bar, and one to four panes. */
export function Frame() {
  const { t } = useTranslation();
  const { panes, focus, full } = usePlace();
  const [helping, setHelping] = useState(false);
  useShortcuts(() => setHelping(true));
  const shown = panes.map((pane, at) => ({ pane, at })).filter(({ at }) => !full || at === focus);
  return (
    <>
      <SkipToContent href="#content">{t("skip")}</SkipToContent>
      {!full && <Head help={() => setHelping(true)} />}
      {!full && <Bar />}
      <main id="content" tabIndex={-1} className={`panes panes--${shown.length}${full ? " panes--full" : ""}`}>
        <h1 className="cds--visually-hidden">{t("product")}</h1>
        {shown.map(({ pane, at }) => (
          <PaneFrame key={at} pane={pane} at={at} />
        ))}
      </main>
      {helping && <Help close={() => setHelping(false)} />}
      <Token />
    </>
  );
}
