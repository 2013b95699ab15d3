import type { ReactNode } from "react";

interface Props {
  label: string;
  value: ReactNode;
  /** What it is measured against, or what it means. */
  about?: ReactNode;
  tone?: "good" | "bad" | "warn" | undefined;
}

/** One figure with its name, for ribbons of figures. */
export function Figure({ label, value, about, tone }: Props) {
  return (
    <div className={tone ? `figure figure--${tone}` : "figure"}>
      <dt>{label}</dt>
      <dd className="figure__value">{value}</dd>
      {about && <dd className="figure__about">{about}</dd>}
    </div>
  );
}

/** Figures side by side. */
export function Ribbon({ label, children }: { label: string; children: ReactNode }) {
  return (
    <dl className="ribbon" aria-label={label}>
      {children}
    </dl>
  );
}
