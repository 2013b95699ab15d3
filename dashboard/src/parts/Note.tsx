import { CheckmarkFilled, ErrorFilled, InformationFilled, WarningFilled } from "@carbon/icons-react";
import type { ReactNode } from "react";

const ICONS = { info: InformationFilled, warning: WarningFilled, error: ErrorFilled, success: CheckmarkFilled };

interface Props {
  kind: keyof typeof ICONS;
  title: string;
  about?: string | undefined;
  children?: ReactNode;
}

/** A word to the reader within a page: what is the matter, and what can be done. */
export function Note({ kind, title, about, children }: Props) {
  const Icon = ICONS[kind];
  return (
    <div className={`note note--${kind}`} role={kind === "error" ? "alert" : "status"}>
      <Icon className="note__icon" aria-hidden />
      <div>
        <strong>{title}</strong>
        {about && <p>{about}</p>}
        {children}
      </div>
    </div>
  );
}
