import type { ReactNode } from "react";
import type { Pane } from "@/place/place";
import { useLink } from "@/place/usePlace";

/** A link to another view, opened in the pane in focus. */
export function Go({ to, at, children }: { to: Pane; at?: number; children: ReactNode }) {
  const link = useLink();
  return (
    <a className="cds--link" {...link(to, at)}>
      {children}
    </a>
  );
}
