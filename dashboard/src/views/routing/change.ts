import { decimal, percent } from "@/time/format";

/** Two shares as people read them, with a digit more where they would read the same. */
export function change(from: number | null, to: number | null): { from: string; to: string } {
  const [before, after] = [percent(from), percent(to)];
  if (before !== after || from === null || to === null || from === to) return { from: before, to: after };
  return { from: `${decimal(from * 100, 1)}%`, to: `${decimal(to * 100, 1)}%` };
}
