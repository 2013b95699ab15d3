/** A stretch of time that every pane shows: the last so many minutes, or two fixed instants. */
export type Span = { kind: "last"; minutes: number } | { kind: "fixed"; from: number; to: number };

/** Seconds since 1970. */
export type Seconds = number;

/** The spans that are offered. */
export const OFFERED = ["1h", "3h", "6h", "24h", "7d", "14d"] as const;

const MINUTES = { m: 1, h: 60, d: 1440 } as const;

/** Reads `6h` or `2026-11-22T08:00:00Z~2026-11-22T09:00:00Z`; anything else is `undefined`. */
export function parseSpan(text: string): Span | undefined {
  const [from, to] = text.split("~").map((part) => Date.parse(part) / 1000);
  if (from !== undefined && to !== undefined) return from < to ? { kind: "fixed", from, to } : undefined;
  const last = /^(\d{1,4})([mhd])$/.exec(text);
  if (!last) return undefined;
  const minutes = Number(last[1]) * MINUTES[last[2] as keyof typeof MINUTES];
  return minutes > 0 ? { kind: "last", minutes } : undefined;
}

/** Writes what {@link parseSpan} reads. */
export function writeSpan(span: Span): string {
  if (span.kind === "fixed") return `${iso(span.from)}~${iso(span.to)}`;
  const { minutes } = span;
  // 24h rather than 1d, as people say it.
  if (minutes % 1440 === 0 && minutes > 1440) return `${minutes / 1440}d`;
  return minutes % 60 === 0 ? `${minutes / 60}h` : `${minutes}m`;
}

/** The instants that the span means at `now`. */
export function bounds(span: Span, now: Seconds): { from: Seconds; to: Seconds } {
  return span.kind === "fixed" ? { from: span.from, to: span.to } : { from: now - span.minutes * 60, to: now };
}

/** The span as the interface takes it: ages stay ages, so that equal questions are equal. */
export function asQuery(span: Span): { from: string; to?: string } {
  return span.kind === "fixed" ? { from: iso(span.from), to: iso(span.to) } : { from: `-${span.minutes}m` };
}

/** A step that gives at most about 1,500 points, and is a whole number of minutes that people read easily. */
export function stepOf(span: Span, now: Seconds): string {
  const { from, to } = bounds(span, now);
  const needed = (to - from) / 60 / 1500;
  const minutes = [1, 5, 15, 30, 60, 240].find((step) => step >= needed) ?? 1440;
  return `${minutes}m`;
}

/** RFC 3339 to the second, UTC. */
export function iso(seconds: Seconds): string {
  return new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, "Z");
}
