import { ChevronLeft, ChevronRight } from "@carbon/icons-react";
import { ContentSwitcher, IconButton, Switch, TextInput } from "@carbon/react";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { type Edition, isDay, KINDS, type Kind, shifted } from "./edition";

interface Props {
  kind: Kind;
  day: string;
  today: string;
  choose: (edition: Edition) => void;
}

/** Which report: its kind and its day. */
export function Tools({ kind: chosen, day, today, choose }: Props) {
  const { t } = useTranslation("reports");
  const id = useId();
  return (
    <>
      <div className="report__kind">
        <ContentSwitcher
          size="sm"
          aria-label={t("kind")}
          selectedIndex={KINDS.indexOf(chosen)}
          onChange={({ index }) => choose({ kind: KINDS[index ?? 0] ?? "daily", day })}
        >
          {KINDS.map((kind) => (
            <Switch key={kind} name={kind} text={t(`kinds.${kind}`)} />
          ))}
        </ContentSwitcher>
      </div>
      <div className="report__day">
        <IconButton
          size="sm"
          kind="ghost"
          label={t("before")}
          onClick={() => choose({ kind: chosen, day: shifted(day, -1) })}
        >
          <ChevronLeft />
        </IconButton>
        <TextInput
          id={id}
          type="date"
          size="sm"
          hideLabel
          labelText={t(`days.${chosen}`)}
          max={today}
          value={day}
          onChange={({ target }) => {
            if (isDay(target.value) && target.value <= today) choose({ kind: chosen, day: target.value });
          }}
        />
        <IconButton
          size="sm"
          kind="ghost"
          label={t("after")}
          disabled={day >= today}
          onClick={() => choose({ kind: chosen, day: shifted(day, 1) })}
        >
          <ChevronRight />
        </IconButton>
      </div>
    </>
  );
}
