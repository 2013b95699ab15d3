import { duration, GAP, ms } from "@/time/format";

/** A length of time in seconds; what is shorter than one in milliseconds. */
export function length(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return GAP;
  return seconds < 1 ? ms(seconds * 1000) : duration(seconds);
}
