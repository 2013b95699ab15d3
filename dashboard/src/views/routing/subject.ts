import type { Pane } from "@/place/place";

/** What the view is about: a class, and of its decisions one to look at closely. */
export interface Subject {
  class?: string;
  generation?: number;
}

/** Reads `chat` or `chat@21`. */
export function readSubject(subject: string | undefined): Subject {
  const found = /^(.*)@(\d{1,15})$/.exec(subject ?? "");
  if (found) return { class: found[1], generation: Number(found[2]) };
  return subject ? { class: subject } : {};
}

/** The pane that shows a class, or one of its decisions. */
export function routingPane(route: string, generation?: number): Pane {
  return { view: "routing", subject: generation === undefined ? route : `${route}@${generation}` };
}
