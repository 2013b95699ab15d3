import { Close, Maximize, Minimize } from "@carbon/icons-react";
import { IconButton, SkeletonText } from "@carbon/react";
import { useTranslation } from "react-i18next";
import { type Pane, without } from "@/place/place";
import { go, usePlace } from "@/place/usePlace";
import { useView } from "@/views/views";
import { Fence } from "./Fence";

/** One pane: its title, its buttons, and its view, whose failures stay within it. */
export function PaneFrame({ pane, at }: { pane: Pane; at: number }) {
  const { t } = useTranslation();
  const { panes, focus, full } = usePlace();
  const title = t(`views.${pane.view}`);
  const attend = () => {
    if (focus !== at) go((place) => ({ ...place, focus: at }), "replace");
  };
  return (
    <article
      className={panes.length > 1 && focus === at ? "pane pane--focus" : "pane"}
      aria-label={t("paneOf", { at: at + 1, view: title })}
      data-pane={at}
      onFocusCapture={attend}
      onPointerDownCapture={attend}
    >
      <header className="pane__head">
        <h2>
          {title}
          {pane.subject && <span className="pane__subject"> {pane.subject}</span>}
        </h2>
        <div className="pane__tools">
          <IconButton
            size="sm"
            kind="ghost"
            align="bottom-right"
            label={full ? t("leaveFullScreen") : t("fullScreen")}
            onClick={() => go((place) => ({ ...place, focus: at, full: !place.full }))}
          >
            {full ? <Minimize /> : <Maximize />}
          </IconButton>
          {panes.length > 1 && !full && (
            <IconButton
              size="sm"
              kind="ghost"
              align="bottom-right"
              label={t("closePane")}
              onClick={() => go((place) => without(place, at))}
            >
              <Close />
            </IconButton>
          )}
        </div>
      </header>
      <Fence key={`${pane.view}/${pane.subject ?? ""}`}>
        <Content pane={pane} at={at} />
      </Fence>
    </article>
  );
}

function Content({ pane, at }: { pane: Pane; at: number }) {
  const View = useView(pane.view);
  return View ? <View subject={pane.subject} pane={at} /> : <SkeletonText paragraph lineCount={6} />;
}
