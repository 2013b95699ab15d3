import {
  CheckmarkFilled,
  CloseOutline,
  ErrorFilled,
  HelpFilled,
  InProgress,
  Undo,
  UserFollow,
} from "@carbon/icons-react";
import { useTranslation } from "react-i18next";
import { term } from "@/words/term";

const ICONS: Record<string, typeof ErrorFilled> = {
  ok: CheckmarkFilled,
  done: CheckmarkFilled,
  failed: ErrorFilled,
  rolled_back: Undo,
  handed_over: UserFollow,
  asks: UserFollow,
  declined: CloseOutline,
  unknown: HelpFilled,
};

/** How a try or a run ended: a sign and a word. */
export function Outcome({ of }: { of: string | null | undefined }) {
  const { t } = useTranslation("healing");
  const Icon = of ? (ICONS[of] ?? HelpFilled) : InProgress;
  return (
    <span className={`ended ended--${of ?? "going"}`}>
      <Icon aria-hidden />
      {of ? term("outcomes", of) : t("going")}
    </span>
  );
}
