import { CheckmarkOutline, NotificationOff, UserAvatar, WarningAlt, WarningAltFilled } from "@carbon/icons-react";
import { useTranslation } from "react-i18next";
import { useNow } from "@/time/useNow";
import { term } from "@/words/term";
import { type Incident, standing } from "./incident";

const ICONS = {
  over: CheckmarkOutline,
  silenced: NotificationOff,
  mitigated: WarningAlt,
  acknowledged: UserAvatar,
  open: WarningAltFilled,
};

/** How an incident stands: a sign and a word. */
export function Standing({ of }: { of: Incident }) {
  const { t } = useTranslation("incidents");
  const now = useNow();
  const is = standing(of, now);
  const Icon = ICONS[is];
  const word = is === "over" && of.ending ? term("endings", of.ending) : t(`standings.${is}`);
  return (
    <span className={`standing standing--${is}`}>
      <Icon aria-hidden />
      {word}
    </span>
  );
}
