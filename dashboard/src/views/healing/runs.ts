import type { Body } from "@/api/client";

type Action = Body<"ActionBody">;

/** A run with everything that it did. */
export interface Run {
  run: string;
  playbook: string;
  channel: string;
  began_at: string;
  /** What is said of the run itself; `undefined` where only steps of it are in the span. */
  itself: Action | undefined;
  /** Every try of every step, in the order of time. */
  tries: Action[];
}

/** How a run stands: one that asked, and acts, was approved and goes on, which is not told of. */
export function standingOf({ itself, tries }: Run): string | null | undefined {
  return itself?.outcome === "asks" && tries.length > 0 ? null : itself?.outcome;
}

/** Actions by their runs, the newest run first. */
export function byRun(actions: Action[]): Run[] {
  const runs = new Map<string, Action[]>();
  for (const action of actions) runs.set(action.run, [...(runs.get(action.run) ?? []), action]);
  const told = [...runs.values()].map(runOf);
  return told.sort((one, other) => other.began_at.localeCompare(one.began_at));
}

function runOf(actions: Action[]): Run {
  const ordered = actions.toSorted(
    (one, other) => one.began_at.localeCompare(other.began_at) || one.step - other.step || one.try - other.try,
  );
  // A run that asked is told of again when it has ended.
  const about = ordered.filter((it) => it.step === 0);
  const itself = about.findLast((it) => it.outcome !== "asks") ?? about.at(-1);
  const [first] = ordered as [Action, ...Action[]];
  const { run, playbook, channel, began_at } = first;
  return { run, playbook, channel, began_at, itself, tries: ordered.filter((it) => it.step > 0) };
}
