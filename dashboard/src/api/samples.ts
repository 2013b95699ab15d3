import type { Points } from "@/charts/picture";
import { instant } from "@/time/format";
import type { Body } from "./client";
import { named } from "./shapes";

type Samples = Pick<Body<"ChannelSamples">, "points">;

/** Ratios that are judged and forecast, as two columns of samples: those that count, of all. */
const RATIOS: Record<string, [part: string, whole: string]> = {
  error_ratio: ["errors", "requests"],
  throttled_ratio: ["throttled", "requests"],
};

/** The columns that samples must have for {@link pointsOf} of `columns`, as the interface takes them. */
export function columnsFor(columns: string[]): string {
  return [...new Set(columns.flatMap((column) => RATIOS[column] ?? [column]))].join(",");
}

/** One column over time, or one ratio of two of them; unknown where nobody called. */
export function pointsOf({ points }: Samples, column: string): Points {
  const rows = points.map((row) => named<number | string | null>(row));
  const number = (row: (typeof rows)[number], name: string) => {
    const value = row[name];
    return typeof value === "number" ? value : null;
  };
  const ratio = RATIOS[column];
  const value = (row: (typeof rows)[number]) => {
    if (!ratio) return number(row, column);
    const [part, whole] = ratio.map((name) => number(row, name));
    return part != null && whole ? part / whole : null;
  };
  return { t: rows.map(({ ts }) => instant(String(ts))), v: rows.map(value) };
}
