import type { Body } from "@/api/client";

type Row = Body<"ChannelHeat">;

/** The share of harmed calls of all steps; `null` where nobody called. */
export function overall({ calls, harmed }: Row): number | null {
  return calls > 0 ? harmed / calls : null;
}

/** The highest risk of the row, of all horizons; `null` while none is known. */
export function highest(row: Row): number | null {
  return row.risks.length > 0 ? Math.max(...row.risks.map(({ probability }) => probability)) : null;
}

/** The rows, those first that were or will be the worst. */
export function worstFirst(rows: Row[]): Row[] {
  const rank = (row: Row) => Math.max(recent(row) * 2, highest(row) ?? 0);
  const ranked = rows.map((row) => ({ row, rank: rank(row) }));
  ranked.sort((one, other) => other.rank - one.rank || one.row.channel.localeCompare(other.row.channel));
  return ranked.map(({ row }) => row);
}

/** The share of harmed calls in the last steps that anybody called in. */
function recent(row: Row): number {
  const last = row.bad.slice(-5).filter((step) => typeof step === "number");
  return last.length > 0 ? Math.max(...last) : 0;
}
