import { api } from "@/api/client";
import type { Choice } from "./choice";
import { asDay, question, type Slot, slotsOf } from "./history";

/** Slots change little: the present comes from another answer. */
const OFTEN_MS = 120_000;

/** The hours of the day, or the days of the month, of a choice; `undefined` while awaited, `null` where nobody knows them. */
export function useSlots(choice: Choice, day: string): Slot[] | null | undefined {
  const today = question({ ...choice, period: "day" }, day);
  const before = choice.period === "month" ? question(choice, day) : undefined;
  const hours = useAnswer(today);
  const days = useAnswer(before);
  if (today === undefined) return null;
  const read = hours.data && slotsOf(hours.data.columns, hours.data.rows, "day", day);
  if (choice.period === "day") return read ?? (hours.isError ? null : undefined);
  if (hours.isError || days.isError) return null;
  return read && days.data && [...slotsOf(days.data.columns, days.data.rows, "month", day), ...asDay(read, day)];
}

function useAnswer(sql: string | undefined) {
  return api.useQuery(
    "post",
    "/v1/query",
    { body: { sql: sql ?? "" } },
    { enabled: sql !== undefined, staleTime: OFTEN_MS, refetchInterval: OFTEN_MS },
  );
}
