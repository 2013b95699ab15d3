import { ChevronLeft, ChevronRight } from "@carbon/icons-react";
import { ContentSwitcher, IconButton, Switch, TextInput } from "@carbon/react";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { type Edition, isDay, KINDS, shifted } from "./edition";

interface Props {
  edition: Edition;
  choose: (edition: Edition) => void;
}

/** Which report: its kind and its day. */
export function Tools({ edition, choose }: Props) {
  const { t } = useTranslation("reports");
  const id = useId();
  const today = new Date().toISOString().slice(0, 10);
  const day = edition.day ?? today;
  return (
    <>
      <div className="report__kind">
        <ContentSwitcher
          size="sm"
          aria-label={t("kind")}
          selectedIndex={KINDS.indexOf(edition.kind)}
          onChange={({ index }) => choose({ ...edition, kind: KINDS[index ?? 0] ?? "daily" })}
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
          onClick={() => choose({ ...edition, day: shifted(day, -1) })}
        >
          <ChevronLeft />
        </IconButton>
        <TextInput
          id={id}
          type="date"
          size="sm"
          hideLabel
          labelText={t(`days.${edition.kind}`)}
          max={today}
          value={day}
          onChange={({ target }) => {
            if (isDay(target.value) && target.value <= today) choose({ ...edition, day: target.value });
          }}
        />
        <IconButton
          size="sm"
          kind="ghost"
          label={t("after")}
          disabled={day >= today}
          onClick={() => choose({ ...edition, day: shifted(day, 1) })}
        >
          <ChevronRight />
        </IconButton>
      </div>
    </>
  );
}
