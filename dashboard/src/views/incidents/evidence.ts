import type { Body } from "@/api/client";
import { type Named, named } from "@/api/shapes";
import { type Fan, inUnit, type Mark, type Unit } from "@/charts/picture";
import { instant } from "@/time/format";
import type { Detail } from "./incident";

/** Why one column is to blame. */
export interface Blame {
  column: string;
  first: string;
  last: string;
  odd_minutes: number;
  worst: { at: string; score: number; value: number; expected: Body<"BandBody"> | null };
  /** In how many minutes each detector voted. */
  detectors: Named<number>;
}

type Anomaly = Body<"AnomalyBody">;

/** What is to blame, the longest odd first. */
export function blames({ evidence }: Detail): Blame[] {
  const columns = Object.entries(named<Omit<Blame, "column">>(evidence?.columns));
  return columns
    .map(([column, blame]) => ({ column, ...blame }))
    .sort((one, other) => other.odd_minutes - one.odd_minutes || other.worst.score - one.worst.score);
}

/** The unit of a column. */
export function unitOf(column: string): Unit {
  if (column.endsWith("_ms")) return "ms";
  if (column.endsWith("_ratio")) return "ratio";
  return column.endsWith("_usd") ? "usd" : "count";
}

/** A value of a column, as people read it. */
export function inColumn(column: string, value: number | null | undefined): string {
  return inUnit(unitOf(column), value);
}

/** Seconds that one judged minute takes on a chart. */
const MINUTE_S = 60;

/** Where values were expected, minute by minute; nothing between minutes that were not odd enough to be kept. */
export function expectedBand(anomalies: Anomaly[], column: string): Pick<Fan, "t" | "low" | "high"> {
  const band: Pick<Fan, "t" | "low" | "high"> = { t: [], low: [], high: [] };
  const put = (t: number, low: number | null, high: number | null) => {
    band.t.push(t);
    band.low.push(low);
    band.high.push(high);
  };
  for (const { column: of, ts, expected } of anomalies) {
    if (of !== column || !expected) continue;
    const at = instant(ts);
    const end = band.t.at(-1);
    // The end of the minute before, if that was judged, is taken over by this one.
    if (end !== undefined && end >= at) for (const values of [band.t, band.low, band.high]) values.pop();
    // Nothing that is measured is negative, though what detectors expect may be.
    const low = Math.max(expected.low, 0);
    put(at, low, expected.high);
    put(at + MINUTE_S - 1, low, expected.high);
    put(at + MINUTE_S, null, null);
  }
  return band;
}

/** The odd minutes of a column as marks. */
export function oddMinutes(anomalies: Anomaly[], column: string): Mark[] {
  return anomalies.flatMap(({ column: of, ts, value, anomaly }) =>
    of === column && anomaly && value != null ? [{ t: instant(ts), v: value, label: column }] : [],
  );
}
