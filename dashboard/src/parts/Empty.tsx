import type { ReactNode } from "react";

/** What is shown where there is nothing: that it is so, and when that will be different. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <strong>{title}</strong>
      {children && <p>{children}</p>}
    </div>
  );
}
