import type { Points } from "@/charts/picture";
import type { Seconds } from "@/place/span";
import type { Choice, Period } from "./choice";

const HOUR_S = 3600;
const DAY_S = 86_400;

/** What was used in one hour of the day, or on one day of the month. */
export interface Slot {
  from: Seconds;
  usd: number;
  /** `null` where prompts and completions are not told apart. */
  prompt: number | null;
  completion: number | null;
  cached: number | null;
  tokens: number;
}

/** The first instant of a period, and the first one after it. */
export function boundsOf(period: Period, day: string): { from: Seconds; to: Seconds } {
  const at = new Date(`${day}T00:00:00Z`);
  if (period === "day") return { from: at.getTime() / 1000, to: at.getTime() / 1000 + DAY_S };
  const [year, month] = [at.getUTCFullYear(), at.getUTCMonth()];
  return { from: Date.UTC(year, month, 1) / 1000, to: Date.UTC(year, month + 1, 1) / 1000 };
}

const CALLS =
  "SUM(cost_usd) AS usd, SUM(tokens_prompt) AS prompt, SUM(tokens_completion) AS completion, SUM(tokens_cached) AS cached";
const JOBS = "SUM(cost_usd) AS usd, SUM(tokens) AS tokens";

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/**
 * The question for the slots of a choice, in SQL; `undefined` where the tables do not know whose a call was. Of a month it
 * asks for the days before today, which have roll-ups; today comes from the answer about the day.
 */
export function question({ period, group, name }: Choice, day: string): string | undefined {
  const whole = name === undefined;
  if (!whole && (group === "model" || group === "class")) return undefined;
  const jobs = !whole && group === "tier";
  const table = jobs ? "work" : period === "day" ? "samples" : "samples_1h";
  const since = period === "day" ? day : `${day.slice(0, 8)}01`;
  const until = period === "day" ? "" : ` AND ts < '${day} 00:00:00'`;
  const own = whole ? "" : ` AND ${jobs ? "tier" : "channel"} = ${quoted(name)}`;
  const slot = `EXTRACT(${period === "day" ? "HOUR" : "DAY"} FROM ts) AS slot`;
  return `SELECT ${slot}, ${jobs ? JOBS : CALLS} FROM ${table} WHERE ts >= '${since} 00:00:00'${until}${own} GROUP BY slot ORDER BY slot`;
}

/** The rows that {@link question} is answered with, as slots in order. */
export function slotsOf(columns: string[], rows: unknown[][], period: Period, day: string): Slot[] {
  const start = boundsOf(period, day).from;
  return rows
    .map((row) => {
      const cell = (name: string) => {
        const value = row[columns.indexOf(name)];
        return typeof value === "number" ? value : null;
      };
      const slot = cell("slot") ?? 0;
      const [prompt, completion] = [cell("prompt"), cell("completion")];
      return {
        from: period === "day" ? start + slot * HOUR_S : start + (slot - 1) * DAY_S,
        usd: cell("usd") ?? 0,
        prompt,
        completion,
        cached: cell("cached"),
        tokens: cell("tokens") ?? (prompt ?? 0) + (completion ?? 0),
      };
    })
    .sort((a, b) => a.from - b.from);
}

/** Today as the last slot of its month. */
export function asDay(slots: Slot[], day: string): Slot[] {
  if (slots.length === 0) return [];
  const sum = (of: (slot: Slot) => number | null) => slots.reduce((all, slot) => all + (of(slot) ?? 0), 0);
  const split = slots.some(({ prompt }) => prompt !== null);
  return [
    {
      from: boundsOf("day", day).from,
      usd: sum(({ usd }) => usd),
      prompt: split ? sum(({ prompt }) => prompt) : null,
      completion: split ? sum(({ completion }) => completion) : null,
      cached: split ? sum(({ cached }) => cached) : null,
      tokens: sum(({ tokens }) => tokens),
    },
  ];
}

/** The running sum at the end of each slot, up to `spent` at `now`; from the first slot in which anything was seen. */
export function spentSoFar(slots: Slot[], step: Seconds, now: Seconds, spent: number): Points {
  const first = slots[0];
  if (!first) return { t: [now], v: [spent] };
  const points: Points = { t: [first.from], v: [0] };
  let sum = 0;
  for (const { from, usd } of slots) {
    sum += usd;
    if (from + step >= now) break;
    // Never above what is known to be spent by now: an answer may be older than the other.
    points.t.push(from + step);
    points.v.push(Math.min(sum, spent));
  }
  points.t.push(now);
  points.v.push(spent);
  return points;
}

/** A value that holds for the whole of its slot, as points of a line that is drawn as steps; nothing where there is no slot. */
export function held(slots: Slot[], step: Seconds, of: (slot: Slot) => number | null): Points {
  const points: Points = { t: [], v: [] };
  slots.forEach((slot, at) => {
    points.t.push(slot.from);
    points.v.push(of(slot));
    const end = slot.from + step;
    if (slots[at + 1]?.from === end) return;
    points.t.push(end, end + 1);
    points.v.push(of(slot), null);
  });
  return points;
}
