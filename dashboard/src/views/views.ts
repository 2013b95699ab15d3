import { type ComponentType, type LazyExoticComponent, lazy } from "react";
import type { ViewName } from "@/place/place";

/** What a view is told: its subject, and which pane it is in. */
export interface ViewProps {
  subject?: string | undefined;
  pane: number;
}

type View = LazyExoticComponent<ComponentType<ViewProps>>;

/** Every view; each comes over the line when it is first looked at. */
export const COMPONENTS: Record<ViewName, View> = {
  overview: lazy(() => import("./overview/Overview")),
  channel: lazy(() => import("./channel/ChannelView")),
  routing: lazy(() => import("./routing/Routing")),
  incidents: lazy(() => import("./incidents/Incidents")),
  cost: lazy(() => import("./cost/Cost")),
  healing: lazy(() => import("./healing/Healing")),
  work: lazy(() => import("./work/Work")),
  reports: lazy(() => import("./reports/Reports")),
};

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
