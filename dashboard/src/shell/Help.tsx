import { Modal, Toggle } from "@carbon/react";
import { createPortal } from "react-dom";
import { useTranslation } from "react-i18next";
import { shortcuts, useKept } from "@/api/kept";
import { VIEWS } from "@/place/place";
import { LETTERS } from "@/views/views";

/** What keys do, and the switch that turns them off. */
export function Help({ close }: { close: () => void }) {
  const { t } = useTranslation();
  const off = useKept(shortcuts) === "off";
  const keys: [string, string][] = [
    ["1 2 3 4", t("keys.panes")],
    ["] [", t("keys.focus")],
    ["g …", t("keys.views")],
    ...VIEWS.map((view): [string, string] => [`g ${LETTERS[view]}`, t(`views.${view}`)]),
    ["f", t("keys.full")],
    ["z", t("keys.zoomOut")],
    ["t", t("keys.theme")],
    ["l", t("keys.language")],
    ["?", t("keys.help")],
  ];
  return createPortal(
    <Modal
      open
      passiveModal
      size="sm"
      modalHeading={t("help")}
      selectorPrimaryFocus="#shortcuts"
      onRequestClose={close}
    >
      <Toggle
        id="shortcuts"
        size="sm"
        labelText={t("keys.enabled")}
        labelA={t("keys.off")}
        labelB={t("keys.on")}
        toggled={!off}
        onToggle={(on) => shortcuts.set(on ? "" : "off")}
      />
      <dl className="keys">
        {keys.map(([key, does]) => (
          <div key={key}>
            <dt>
              {key.split(" ").map((part) => (
                <kbd key={part}>{part}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </Modal>,
    document.body,
  );
}
