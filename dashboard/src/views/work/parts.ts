/** The newest parts that models had in jobs, the newest first. */
export const SQL =
  "SELECT ts, job, part, class, tier, model, outcome, quality, tokens, cost_usd, duration_s FROM work ORDER BY ts DESC LIMIT 12";

/** What one model did in one job. */
export interface Part {
  key: string;
  at: string;
  job: string;
  kind: string;
  model: string;
  outcome: string;
  quality: number | null;
  tokens: number | null;
  usd: number | null;
  seconds: number | null;
}

const text = (cell: unknown): string => (typeof cell === "string" ? cell : "");
const number = (cell: unknown): number | null => (typeof cell === "number" ? cell : null);

/** The rows of {@link SQL}. */
export function partsOf(rows: unknown[][]): Part[] {
  return rows.map(([ts, job, part, name, tier, model, outcome, quality, tokens, cost, took]) => ({
    key: `${text(job)}/${String(part)}`,
    at: text(ts),
    job: text(job),
    kind: `${text(name)} ${text(tier)}`,
    model: text(model),
    outcome: text(outcome),
    quality: number(quality),
    tokens: number(tokens),
    usd: number(cost),
    seconds: number(took),
  }));
}
