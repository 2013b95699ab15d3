import { type MouseEvent, useCallback, useMemo, useSyncExternalStore } from "react";
import { type Pane, type Place, parsePlace, showing, writePlace } from "./place";

const MOVED = "foreroute:moved";

function subscribe(changed: () => void): () => void {
  window.addEventListener("popstate", changed);
  window.addEventListener(MOVED, changed);
  return () => {
    window.removeEventListener("popstate", changed);
    window.removeEventListener(MOVED, changed);
  };
}

/** Goes to the place that `change` makes of the present one. */
export function go(change: (place: Place) => Place, how: "push" | "replace" = "push"): void {
  const next = writePlace(change(parsePlace(location.search)));
  if (next === location.search) return;
  if (how === "push") history.pushState(null, "", next);
  else history.replaceState(null, "", next);
  window.dispatchEvent(new Event(MOVED));
}

/** Where we are, by the URL. */
export function usePlace(): Place {
  const search = useSyncExternalStore(subscribe, () => location.search);
  return useMemo(() => parsePlace(search), [search]);
}

/** What an anchor needs to lead to `pane` within the pane in focus; opens elsewhere as any link does. */
export function useLink(): (pane: Pane, at?: number) => { href: string; onClick: (event: MouseEvent) => void } {
  const place = usePlace();
  return useCallback(
    (pane, at) => {
      const lead = (from: Place) => showing(at === undefined ? from : { ...from, focus: at }, pane);
      return {
        href: writePlace(lead(place)),
        onClick: (event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
          event.preventDefault();
          go(lead);
        },
      };
    },
    [place],
  );
}
