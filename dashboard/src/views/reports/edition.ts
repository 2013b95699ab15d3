/** Kinds of reports: of a day, or of what was learnt in a fortnight. */
export const KINDS = ["daily", "fortnightly"] as const;
export type Kind = (typeof KINDS)[number];

/** Forms in which a report can be had, with the ending and the media type of each. */
export const FORMS = {
  html: { ending: "html", type: "text/html" },
  markdown: { ending: "md", type: "text/markdown" },
  json: { ending: "json", type: "application/json" },
} as const;
export type Form = keyof typeof FORMS;

/** One report. */
export interface Edition {
  kind: Kind;
  /** The UTC day that it is about, or ends with; the newest one that is over if absent. */
  day?: string | undefined;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** Reads a subject such as `fortnightly/2026-11-21`; what is not understood is as if it were absent. */
export function parseEdition(subject: string | undefined): Edition {
  const [first, second] = subject?.split("/") ?? [];
  const day = [first, second].find((part) => part !== undefined && isDay(part));
  return { kind: KINDS.find((kind) => kind === first) ?? "daily", day };
}

/** Writes what {@link parseEdition} reads, leaving out what is as usual. */
export function writeEdition({ kind, day }: Edition): string | undefined {
  const parts = [...(kind === "daily" ? [] : [kind]), ...(day === undefined ? [] : [day])];
  return parts.length > 0 ? parts.join("/") : undefined;
}

/** The day of an edition. */
export function dayOf({ day }: Edition, today: string): string {
  return day ?? shifted(today, -1);
}

/** Where the report of a day is. */
export function pathOf(kind: Kind, day: string, language: string, form: Form): string {
  return `/v1/reports/${kind}?${new URLSearchParams({ day, language, as: form })}`;
}

/** A name for the file of a report. */
export function fileOf(kind: Kind, day: string, form: Form): string {
  return `foreroute-${kind}-${day}.${FORMS[form].ending}`;
}

/** The day so many days later; days are UTC. */
export function shifted(day: string, by: number): string {
  return new Date(Date.parse(day) + by * 86_400_000).toISOString().slice(0, 10);
}

/** Whether a text is a day that there is. */
export function isDay(text: string): boolean {
  if (!DAY.test(text)) return false;
  const at = Date.parse(text);
  // 31 June is read as 1 July by some.
  return Number.isFinite(at) && new Date(at).toISOString().slice(0, 10) === text;
}
