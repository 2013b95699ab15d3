import uPlot from "uplot";
import type { Seconds } from "@/place/span";
import { count, decimal, ms, percent, usd } from "@/time/format";

/** Values over time; `null` is a gap. Times ascend. */
export interface Points {
  t: Seconds[];
  v: (number | null)[];
}

/** A drawn series. */
export interface Line {
  label: string;
  points: Points;
  ink: string;
  dashed?: boolean;
  /** Filled down to zero with this colour. */
  fill?: string;
  /** Drawn as steps: what holds until the next value. */
  stepped?: boolean;
  /** With a dot at each value: where there are few. */
  dots?: boolean;
}

/** Where a value will lie with some probability. */
export interface Fan {
  label: string;
  t: Seconds[];
  low: (number | null)[];
  high: (number | null)[];
  fill: string;
}

/** A point that matters. */
export interface Mark {
  t: Seconds;
  v: number;
  label: string;
}

/** A stretch of time that matters. */
export interface Stretch {
  from: Seconds;
  to: Seconds;
  label: string;
}

/** What a chart shows: one axis of time, one of values. */
export interface Picture {
  unit: Unit;
  /** Whether a value is one of a whole UTC day; it stands at noon, which is within that day in most zones. */
  daily?: boolean;
  lines: Line[];
  fans?: Fan[];
  marks?: Mark[];
  stretches?: Stretch[];
  /** A promised limit. */
  limit?: number | null;
}

/** Units of axes and legends. */
export type Unit = "ms" | "usd" | "ratio" | "count" | "per_min" | "tokens" | "number";

/** A value in its unit, as people read it. */
export function inUnit(unit: Unit, value: number | null | undefined): string {
  if (unit === "ms") return ms(value);
  if (unit === "usd") return usd(value);
  if (unit === "ratio") return percent(value);
  if (unit === "per_min" || unit === "number") return decimal(value, 1);
  return count(value);
}

/** The points with a gap wherever a step is missing, so that no line is drawn over what nobody saw. */
export function withGaps(points: Points, step: Seconds): Points {
  const t: Seconds[] = [];
  const v: (number | null)[] = [];
  points.t.forEach((at, index) => {
    const before = points.t[index - 1];
    if (before !== undefined && at - before > step * 1.5) {
      t.push(before + step);
      v.push(null);
    }
    t.push(at);
    v.push(points.v[index] ?? null);
  });
  return { t, v };
}

/** All of a picture on one axis of time, in the form that uPlot takes: first the fans, low and high, then the lines. */
export function aligned({ lines, fans = [] }: Picture): uPlot.AlignedData {
  const tables: uPlot.AlignedData[] = [
    ...fans.map(({ t, low, high }): uPlot.AlignedData => [t, low, high]),
    ...lines.map(({ points }): uPlot.AlignedData => [points.t, points.v]),
  ];
  return tables.length > 0 ? uPlot.join(tables) : [[]];
}

/** The last known value of a line and its instant, for legends and summaries. */
export function newest({ points }: Line): { t: Seconds; v: number } | undefined {
  for (let at = points.t.length - 1; at >= 0; at -= 1) {
    const [t, v] = [points.t[at], points.v[at]];
    if (t !== undefined && v !== null && v !== undefined) return { t, v };
  }
  return undefined;
}

/** How much higher than its lines a fan may make a chart: one that is wider is cut, so that the truth stays readable. */
const FAN_ROOM = 2.5;

/** The value at the top of the axis: that of the lines between two instants, the fans in reason, and a limit that is near. */
export function ceiling(picture: Picture, from: Seconds, to: Seconds): number {
  const highest = (t: Seconds[], v: (number | null)[]) =>
    v.reduce<number>((top, value, at) => {
      const when = t[at] ?? 0;
      return value !== null && value > top && when >= from && when <= to ? value : top;
    }, 0);
  const lines = Math.max(0, ...picture.lines.map(({ points }) => highest(points.t, points.v)));
  const fans = Math.max(0, ...(picture.fans ?? []).map(({ t, high }) => highest(t, high)));
  const top = lines > 0 ? Math.max(lines, Math.min(fans, lines * FAN_ROOM)) : fans;
  const limit = picture.limit ?? 0;
  const shown = limit < top * 2 ? Math.max(top, limit) : top;
  if (shown === 0) return picture.unit === "ratio" ? 0.05 : 1;
  return picture.unit === "ratio" && shown <= 1 ? Math.min(shown * 1.1, 1) : shown * 1.1;
}
