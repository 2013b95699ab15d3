import { type ComponentType, useEffect, useState, useSyncExternalStore } from "react";
import type { ViewName } from "@/place/place";

/** What a view is told: its subject, and which pane it is in. */
export interface ViewProps {
  subject?: string | undefined;
  pane: number;
}

type View = ComponentType<ViewProps>;

/** Where each view is; it comes over the line when it is first looked at. */
const SOURCES: Record<ViewName, () => Promise<{ default: View }>> = {
  overview: () => import("./overview/Overview"),
  channel: () => import("./channel/ChannelView"),
  routing: () => import("./routing/Routing"),
  incidents: () => import("./incidents/Incidents"),
  cost: () => import("./cost/Cost"),
  healing: () => import("./healing/Healing"),
  work: () => import("./work/Work"),
  reports: () => import("./reports/Reports"),
};

/** The views that have come, and who waits for one. */
const here: Partial<Record<ViewName, View>> = {};
const waiting = new Set<() => void>();

async function fetchView(name: ViewName): Promise<void> {
  if (here[name]) return;
  here[name] = (await SOURCES[name]()).default;
  for (const tell of waiting) tell();
}

function wait(tell: () => void): () => void {
  waiting.add(tell);
  return () => waiting.delete(tell);
}

/**
 * A view, `undefined` as long as it is on its way; throws what kept it from coming. Not `React.lazy`: what stands in for a
 * view would stay for 300 ms, even where the view is there at once.
 */
export function useView(name: ViewName): View | undefined {
  const [failure, setFailure] = useState<{ reason: unknown }>();
  useEffect(() => {
    fetchView(name).catch((reason: unknown) => setFailure({ reason }));
  }, [name]);
  if (failure) throw failure.reason;
  return useSyncExternalStore(wait, () => here[name]);
}

/** Has views come over the line ahead of their being looked at, such as those of the URL while the page is still set up. */
export function fetchAhead(names: ViewName[]): void {
  // One that does not come is told of when it is looked at.
  for (const name of names) fetchView(name).catch(() => undefined);
}

/** The letter that leads to a view after `g`. */
export const LETTERS: Record<ViewName, string> = {
  overview: "o",
  channel: "c",
  routing: "r",
  incidents: "i",
  cost: "m",
  healing: "h",
  work: "w",
  reports: "p",
};
