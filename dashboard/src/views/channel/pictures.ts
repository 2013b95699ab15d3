import type { Inks } from "@/charts/ink";
import { type Fan, type Line, type Mark, type Points, type Stretch, withGaps } from "@/charts/picture";
import type { Seconds } from "@/place/span";
import { instant } from "@/time/format";
import type { Anomaly, Expected, Forecast, Incident, SampleColumn, Step } from "./questions";

/** A column over time; per minute where it counts things, so that steps of any width compare. */
export function points(steps: Step[], column: SampleColumn, stepS: Seconds, perMinute = false): Points {
  const divisor = perMinute ? stepS / 60 : 1;
  const v = steps.map((step) => {
    const value = step[column];
    return value === null || value === undefined ? null : value / divisor;
  });
  return withGaps({ t: steps.map(({ ts }) => instant(ts)), v }, stepS);
}

/** The part of the calls of each step that `column` counts; a gap where nobody called. */
export function ratio(steps: Step[], column: SampleColumn, stepS: Seconds): Points {
  const v = steps.map((step) => {
    const [part, whole] = [step[column], step.requests];
    return whole && part !== null && part !== undefined ? part / whole : null;
  });
  return withGaps({ t: steps.map(({ ts }) => instant(ts)), v }, stepS);
}

/** A forecast as its middle and two fans, the wide one first. */
export function fanned(forecast: Forecast | undefined, inks: Inks, names: { middle: string; fan: string }) {
  if (!forecast) return { lines: [], fans: [] };
  const t = forecast.points.map(({ ts }) => instant(ts));
  const at = (level: string) => forecast.points.map(({ quantiles }) => quantile(quantiles, level));
  const fan = (low: string, high: string, strength: number): Fan => ({
    label: names.fan,
    t,
    low: at(low),
    high: at(high),
    fill: `rgba(${inks.fan}, ${strength})`,
  });
  const middle: Line = { label: names.middle, points: { t, v: at("0.5") }, ink: inks.forecast, dashed: true };
  return { lines: [middle], fans: [fan("0.05", "0.95", 0.2), fan("0.25", "0.75", 0.3)] };
}

/** What was expected of minutes that are over as a fan, so that the truth is seen to keep within it or not. */
export function expected(of: Expected | undefined, column: string, inks: Inks, label: string): Fan[] {
  const series = of?.series.find((one) => one.column === column);
  if (!of || !series) return [];
  const gaps = (v: (number | null | undefined)[]) =>
    withGaps({ t: of.minutes.map(instant), v: v.map((value) => value ?? null) }, 60);
  const [low, high] = [gaps(series.q05), gaps(series.q95)];
  return [{ label, t: low.t, low: low.v, high: high.v, fill: `rgba(${inks.fan}, 0.14)` }];
}

function quantile(quantiles: Forecast["points"][number]["quantiles"], level: string): number | null {
  const value = (quantiles as Record<string, unknown>)[level];
  return typeof value === "number" ? value : null;
}

/** The odd minutes of some columns, at the value that was odd. */
export function marks(anomalies: Anomaly[], columns: string[]): Mark[] {
  const odd = anomalies.filter(({ anomaly, column }) => anomaly && columns.includes(column));
  return odd.flatMap(({ ts, value, column, score }) =>
    value === null || value === undefined ? [] : [{ t: instant(ts), v: value, label: `${column} ${score.toFixed(2)}` }],
  );
}

/** The time in which there were incidents; those that overlap are one stretch. */
export function stretches(incidents: Incident[], now: Seconds): Stretch[] {
  const all = incidents.map(({ first_sign, resolved, kind }) => ({
    from: instant(first_sign),
    to: resolved ? instant(resolved) : now,
    label: kind,
  }));
  all.sort((one, other) => one.from - other.from);
  const joined: Stretch[] = [];
  for (const next of all) {
    const last = joined.at(-1);
    if (last && next.from <= last.to) {
      last.to = Math.max(last.to, next.to);
      last.label = last.label.includes(next.label) ? last.label : `${last.label}, ${next.label}`;
    } else joined.push({ ...next });
  }
  return joined;
}
