import type { Body } from "@/api/client";

/** A UTC day or a calendar month. */
export const PERIODS = ["day", "month"] as const;
export type Period = (typeof PERIODS)[number];

/** By what money is told apart. */
export const GROUPS = ["channel", "model", "tier", "class"] as const;
export type Group = (typeof GROUPS)[number];

/** What the view is about: a period, a kind of lines, and one of them; without a name it is all of them together. */
export interface Choice {
  period: Period;
  group: Group;
  name?: string | undefined;
}

/** Reads a subject such as `month/model/gpt-large`; each part may be absent, and what is not understood is as if it were. */
export function parseChoice(subject: string | undefined): Choice {
  const parts = subject?.split("/") ?? [];
  const take = <Known extends string>(known: readonly Known[]) => {
    const found = known.find((one) => one === parts[0]);
    if (found !== undefined) parts.shift();
    return found;
  };
  const period = take(PERIODS) ?? "day";
  const group = take(GROUPS);
  // A name is told from the words before it by what it is one of.
  const name = group === undefined ? undefined : parts.join("/") || undefined;
  return { period, group: group ?? "channel", name };
}

/** Writes what {@link parseChoice} reads, leaving out what is as usual. */
export function writeChoice({ period, group, name }: Choice): string | undefined {
  const words = [
    ...(period === "day" ? [] : [period]),
    ...(group === "channel" && name === undefined ? [] : [group]),
    ...(name === undefined ? [] : [name]),
  ];
  return words.length > 0 ? words.join("/") : undefined;
}

const LISTS = { channel: "channels", model: "models", tier: "tiers", class: "classes" } as const;

/** The lines of a group. */
export function linesOf(spend: Body<"SpendBody">, group: Group): Body<"LineBody">[] {
  return spend[LISTS[group]];
}

/** The line that is chosen; all together where none is, or where it is gone. */
export function chosenLine(spend: Body<"SpendBody">, { group, name }: Choice): Body<"LineBody"> {
  return linesOf(spend, group).find((line) => line.name === name) ?? spend.total;
}
