import { inks } from "@/charts/ink";
import { useTheme } from "@/shell/useTheme";

/** The colour of each channel of a class: the same wherever the class is shown. */
export function useColours(channels: string[]): (channel: string) => string {
  const { of } = inks(useTheme());
  const sorted = channels.toSorted();
  return (channel) => of(Math.max(sorted.indexOf(channel), 0));
}
