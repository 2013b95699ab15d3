import { theme, useKept } from "@/api/kept";

/** Carbon's names of the two themes. */
export type Theme = "g100" | "white";

/** The theme: dark unless light was chosen. */
export function useTheme(): Theme {
  return useKept(theme) === "white" ? "white" : "g100";
}

/** Changes the theme, and remembers it. */
export function dress(to: Theme): void {
  theme.set(to);
}
