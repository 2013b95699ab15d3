import { parseSpan, type Span, writeSpan } from "./span";

/** Every view, in the order of the navigation. */
export const VIEWS = ["overview", "channel", "routing", "incidents", "cost", "healing", "work", "reports"] as const;
export type ViewName = (typeof VIEWS)[number];

/** One pane: a view, and what it is about (a channel, an incident, a class). */
export interface Pane {
  view: ViewName;
  subject?: string;
}

/** Where somebody is: all of it is in the URL, so that a link shows others the same. */
export interface Place {
  panes: Pane[];
  /** The pane that the navigation and the keyboard act on. */
  focus: number;
  span: Span;
  /** Whether the pane in focus has the screen to itself. */
  full: boolean;
}

/** Panes that fit on a screen. */
export const MOST_PANES = 4;
const HOME: Pane = { view: "overview" };
const USUAL_SPAN: Span = { kind: "last", minutes: 180 };

/** What each further pane shows at first. */
const FILLERS: Pane[] = [HOME, { view: "routing" }, { view: "incidents" }, { view: "cost" }];

/** Reads the query part of a URL; what is not understood is as if it were absent. */
export function parsePlace(search: string): Place {
  const query = new URLSearchParams(search);
  const panes = query.getAll("p").flatMap(parsePane).slice(0, MOST_PANES);
  const count = Math.max(1, panes.length);
  const focus = Number(query.get("focus") ?? 0);
  return {
    panes: panes.length > 0 ? panes : [HOME],
    focus: Number.isInteger(focus) && focus >= 0 && focus < count ? focus : 0,
    span: parseSpan(query.get("span") ?? "") ?? USUAL_SPAN,
    full: query.has("full"),
  };
}

function parsePane(text: string): Pane[] {
  const [name, ...rest] = text.split("/");
  const view = VIEWS.find((known) => known === name);
  if (!view) return [];
  const subject = rest.join("/");
  return [subject ? { view, subject } : { view }];
}

/** Writes what {@link parsePlace} reads, leaving out what is as usual. */
export function writePlace(place: Place): string {
  const query = new URLSearchParams();
  for (const { view, subject } of place.panes) query.append("p", subject ? `${view}/${subject}` : view);
  if (place.focus > 0) query.set("focus", String(place.focus));
  query.set("span", writeSpan(place.span));
  if (place.full) query.set("full", "");
  // Slashes and colons are readable and allowed in a query.
  return `?${query.toString().replaceAll("%2F", "/").replaceAll("%3A", ":").replace("full=", "full")}`;
}

/** The place with `pane` in the pane in focus. */
export function showing(place: Place, pane: Pane): Place {
  return { ...place, full: false, panes: place.panes.map((old, at) => (at === place.focus ? pane : old)) };
}

/** The place with `count` panes: the first ones stay, and views not shown yet fill up. */
export function withPanes(place: Place, count: number): Place {
  const panes = place.panes.slice(0, count);
  for (const filler of FILLERS) {
    if (panes.length < count && !panes.some((pane) => pane.view === filler.view)) panes.push(filler);
  }
  return { ...place, panes, full: false, focus: Math.min(place.focus, panes.length - 1) };
}

/** The place without the pane at `at`; the last one stays. */
export function without(place: Place, at: number): Place {
  if (place.panes.length === 1) return place;
  const panes = place.panes.filter((_, index) => index !== at);
  return { ...place, panes, full: false, focus: Math.min(place.focus, panes.length - 1) };
}
