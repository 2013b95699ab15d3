import type { Body } from "@/api/client";

/** The classes that rows are of, each once, in the order of the rows. */
export function classesOf(rows: { class: string }[]): string[] {
  return [...new Set(rows.map((row) => row.class))];
}

/** The class that is asked for, else the first one. */
export function chosenClass(classes: string[], asked: string | undefined): string | undefined {
  return classes.find((known) => known === asked) ?? classes[0];
}

/** Every model, sorted: its place is the ink that it is drawn with. */
export function modelsOf(kinds: Body<"KindBody">[]): string[] {
  return [...new Set(kinds.flatMap((kind) => kind.models.map(({ model }) => model)))].sort();
}

/** The cell of a matrix; `undefined` where a model had no part in a tier. */
export type ScoreOf = (model: string, tier: string) => Body<"ScoreBody"> | undefined;

/** Scores of one class as a matrix of models and tiers, with the largest worth for a USD of each tier. */
export interface Matrix {
  models: string[];
  of: ScoreOf;
  most: (tier: string) => number;
}

/** The scores of the class as a matrix. */
export function matrix(scores: Body<"ScoreBody">[], name: string): Matrix {
  const own = scores.filter((score) => score.class === name);
  const models = [...new Set(own.map(({ model }) => model))].sort();
  const of: ScoreOf = (model, tier) => own.find((score) => score.model === model && score.tier === tier);
  const most = (tier: string) =>
    Math.max(0, ...own.filter((score) => score.tier === tier).map((score) => score.worth_per_usd ?? 0));
  return { models, of, most };
}

/** Change of a share in points of percent; `null` if there was none before. */
export function changeOf({ share, before }: Body<"ModelBody">): number | null {
  return before === null || before === undefined ? null : (share - before) * 100;
}

const DAY_S = 86_400;
/** Fewer days would make a curve of one day look like a trend. */
const LEAST_DAYS = 7;

/** A day such as `2026-11-22` as the instant of its noon, UTC. */
export function noon(day: string): number {
  return Date.parse(`${day}T12:00:00Z`) / 1000;
}

/** The days that all curves are shown over, so that they can be compared: from the first one to the end of today. */
export function stretch(curves: Body<"CurveBody">[], now: number): { from: number; to: number } {
  const to = (Math.floor(now / DAY_S) + 1) * DAY_S;
  const first = Math.min(...curves.flatMap((curve) => curve.days.map(({ day }) => noon(day) - DAY_S / 2)));
  return { from: Math.min(first, to - LEAST_DAYS * DAY_S), to };
}

/** What the jobs that ended on a UTC day cost, and how many parts models had in them. */
export function paidOn(curves: Body<"CurveBody">[], day: string): { usd: number; parts: number } {
  const days = curves.flatMap((curve) => curve.days.filter((reached) => reached.day === day));
  return {
    usd: days.reduce((sum, { cost_usd }) => sum + cost_usd, 0),
    parts: days.reduce((sum, { jobs }) => sum + jobs, 0),
  };
}
