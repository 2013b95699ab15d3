import { type ComponentType, type LazyExoticComponent, lazy } from "react";
import { VIEWS, type ViewName } from "@/place/place";

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

/** Every view. */
export const COMPONENTS = Object.fromEntries(VIEWS.map((name) => [name, lazy(SOURCES[name])])) as Record<
  ViewName,
  LazyExoticComponent<View>
>;

/** Has views come over the line ahead of their being looked at, such as those of the URL while the page is still set up. */
export function fetchAhead(names: ViewName[]): void {
  // One that does not come is told of when it is looked at.
  for (const name of names) SOURCES[name]().catch(() => undefined);
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
