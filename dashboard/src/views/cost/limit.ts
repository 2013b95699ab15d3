import type { Body } from "@/api/client";

/** What can be limited. */
export const RESOURCES = ["cost_usd", "tokens", "requests"] as const;
export type Resource = (typeof RESOURCES)[number];

/** Over what time. */
export const PERS = ["minute", "day", "month"] as const;
export type Per = (typeof PERS)[number];

/** An outlook is drawn from whole futures: more than so many channels are not asked for at once. */
export const MOST_ASKED = 12;

const MINUTES = 1440;

/**
 * The limit to begin with: the smallest one that any of the channels has, else what the largest of them will have used by
 * the end, rounded up to a number that people would choose.
 */
export function usualLimit(lines: Body<"LineBody">[], resource: Resource, per: Per): number {
  const span = (line: Body<"LineBody">) => (per === "month" ? line.month : line.day);
  if (per !== "minute" && resource !== "requests") {
    const limits = lines.flatMap((line) => span(line)[resource === "tokens" ? "limit_tokens" : "limit_usd"] ?? []);
    if (limits.length > 0) return Math.min(...limits);
  }
  const used = lines.map((line) => {
    const { expected_usd, spent_usd, tokens, requests } = span(line);
    // Tokens and calls grow as money does.
    const growth = expected_usd && spent_usd > 0 ? expected_usd / spent_usd : 1;
    return { cost_usd: spent_usd, tokens, requests }[resource] * growth;
  });
  const most = Math.max(0, ...used);
  return round(per === "minute" ? most / MINUTES : most);
}

/** Up to the next 1, 2 or 5 with zeros. */
function round(value: number): number {
  if (value <= 0) return 1;
  const scale = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 5, 10].find((one) => one * scale >= value) ?? 10;
  return Number((step * scale).toPrecision(1));
}
