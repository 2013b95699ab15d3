import { useSql } from "@/api/sql";
import type { Choice } from "./choice";
import { asDay, question, type Slot, slotsOf } from "./history";

/** The hours of the day, or the days of the month, of a choice; `undefined` while awaited, `null` where nobody knows them. */
export function useSlots(choice: Choice, day: string): Slot[] | null | undefined {
  const today = question({ ...choice, period: "day" }, day);
  const before = choice.period === "month" ? question(choice, day) : undefined;
  const hours = useSql(today);
  const days = useSql(before);
  if (today === undefined) return null;
  const read = hours.data && slotsOf(hours.data.columns, hours.data.rows, "day", day);
  if (choice.period === "day") return read;
  return read && days.data && [...slotsOf(days.data.columns, days.data.rows, "month", day), ...asDay(read, day)];
}
