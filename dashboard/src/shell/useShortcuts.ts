import { useEffect } from "react";
import { shortcuts } from "@/api/kept";
import { MOST_PANES, type Place, parsePlace, showing, VIEWS, withPanes } from "@/place/place";
import { parseSpan } from "@/place/span";
import { go } from "@/place/usePlace";
import { LETTERS } from "@/views/views";
import { otherLanguage, speak } from "@/words/words";
import { dress } from "./useTheme";

/** How long after `g` its letter may follow. */
const SECOND_KEY_MS = 1500;

/** Single keys as shortcuts, unless they are off or somebody writes. */
export function useShortcuts(help: () => void): void {
  useEffect(() => {
    let leading = 0;
    const onKey = (event: KeyboardEvent) => {
      if (shortcuts.get() === "off" || event.ctrlKey || event.metaKey || event.altKey || writes(event.target)) return;
      const led = Date.now() - leading < SECOND_KEY_MS;
      leading = 0;
      if (led) {
        const view = VIEWS.find((known) => LETTERS[known] === event.key);
        if (view) return go((place) => showing(place, { view }));
      }
      if (event.key === "g") leading = Date.now();
      else if (event.key === "?") help();
      else act(event.key);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [help]);
}

function act(key: string): void {
  const count = Number(key);
  if (Number.isInteger(count) && count >= 1 && count <= MOST_PANES) go((place) => withPanes(place, count));
  else if (key === "]") attend(1);
  else if (key === "[") attend(-1);
  else if (key === "f") go((place) => ({ ...place, full: !place.full }));
  else if (key === "z") go((place) => ({ ...place, span: parseSpan("3h") ?? place.span }));
  else if (key === "t") dress(document.body.classList.contains("cds--g100") ? "white" : "g100");
  else if (key === "l") speak(otherLanguage());
}

/** Moves the focus to another pane. */
function attend(by: number): void {
  const next = (place: Place) => (place.focus + by + place.panes.length) % place.panes.length;
  go((place) => ({ ...place, focus: next(place) }), "replace");
  const { focus } = parsePlace(location.search);
  document.querySelector<HTMLElement>(`[data-pane="${focus}"] :is(a, button)`)?.focus();
}

/** Whether keys are text or a choice there, and no shortcuts. */
function writes(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest("input, textarea, select, [role=dialog], [contenteditable]") !== null
  );
}
