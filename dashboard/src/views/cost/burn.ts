import type { Body } from "@/api/client";
import type { Inks } from "@/charts/ink";
import type { Picture, Points } from "@/charts/picture";
import type { Seconds } from "@/place/span";

/** Names of what is drawn. */
export interface BurnWords {
  spent: string;
  expected: string;
  fan: string;
  out: string;
}

/** What was spent, what will have been by the end with its interval, the limit, and when that is likely to be reached. */
export function burnDown(
  spent: Points,
  span: Body<"SpanBody">,
  at: { now: Seconds; end: Seconds },
  words: BurnWords,
  inks: Inks,
): Picture {
  const { expected_usd: expected, low_usd: low, high_usd: high, limit_usd: limit } = span;
  const known = (value: number | null | undefined): value is number => value !== null && value !== undefined;
  const median = span.runs_out?.median;
  const ahead = [at.now, at.end];
  return {
    unit: "usd",
    lines: [
      { label: words.spent, ink: inks.truth, fill: `${inks.truth}22`, points: spent },
      ...(known(expected)
        ? [
            {
              label: words.expected,
              ink: inks.forecast,
              dashed: true,
              points: { t: ahead, v: [span.spent_usd, expected] },
            },
          ]
        : []),
    ],
    fans:
      known(low) && known(high)
        ? [
            {
              label: words.fan,
              t: ahead,
              low: [span.spent_usd, low],
              high: [span.spent_usd, high],
              fill: `rgba(${inks.fan}, 0.25)`,
            },
          ]
        : [],
    limit: limit ?? null,
    marks: median && known(limit) ? [{ t: Date.parse(median) / 1000, v: limit, label: words.out }] : [],
  };
}
