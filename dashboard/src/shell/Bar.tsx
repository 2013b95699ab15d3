import { ZoomOut } from "@carbon/icons-react";
import { Button, ContentSwitcher, Select, SelectItem, Switch } from "@carbon/react";
import { useTranslation } from "react-i18next";
import { useLiveness } from "@/api/stream";
import { MOST_PANES, withPanes } from "@/place/place";
import { OFFERED, parseSpan, writeSpan } from "@/place/span";
import { go, usePlace } from "@/place/usePlace";

const FIXED = "fixed";
const USUAL = "3h";
const COUNTS = Array.from({ length: MOST_PANES }, (_, at) => at + 1);

/** The bar below the head: the time that is shown, the panes, and whether all of it is live. */
export function Bar() {
  const { t } = useTranslation();
  const { span, panes } = usePlace();
  const written = writeSpan(span);
  const chosen = span.kind === "fixed" ? FIXED : written;
  const choose = (text: string) => {
    const next = parseSpan(text);
    if (next) go((place) => ({ ...place, span: next }));
  };
  return (
    <section className="bar" aria-label={t("span")}>
      <Select
        id="span"
        hideLabel
        labelText={t("span")}
        size="sm"
        value={chosen}
        onChange={(event) => choose(event.target.value)}
      >
        {span.kind === "fixed" && <SelectItem value={FIXED} text={t("spanFixed")} />}
        {span.kind === "last" && !OFFERED.some((offered) => offered === written) && (
          <SelectItem value={written} text={written} />
        )}
        {OFFERED.map((offered) => (
          <SelectItem key={offered} value={offered} text={t(`spans.${offered}`)} />
        ))}
      </Select>
      {span.kind === "fixed" && (
        <Button size="sm" kind="ghost" renderIcon={ZoomOut} onClick={() => choose(USUAL)}>
          {t("zoomOut")}
        </Button>
      )}
      <div className="bar__panes">
        <ContentSwitcher
          size="sm"
          aria-label={t("layout")}
          selectedIndex={panes.length - 1}
          onChange={({ index }) => go((place) => withPanes(place, (index ?? 0) + 1))}
        >
          {COUNTS.map((count) => (
            <Switch key={count} name={String(count)} aria-label={t("panes", { count })} text={String(count)} />
          ))}
        </ContentSwitcher>
      </div>
      <Liveness />
    </section>
  );
}

function Liveness() {
  const { t } = useTranslation();
  const liveness = useLiveness();
  return (
    <span className={`liveness liveness--${liveness}`} role="status">
      {t(`liveness.${liveness}`)}
    </span>
  );
}
