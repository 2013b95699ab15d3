import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Body } from "@/api/client";
import { inks as inksOf } from "@/charts/ink";
import { TimeChart } from "@/charts/TimeChart";
import { Section } from "@/parts/Section";
import { useTheme } from "@/shell/useTheme";
import { instant, percent, usd } from "@/time/format";
import { When } from "@/time/When";
import { burnDown } from "./burn";
import type { Choice } from "./choice";
import { nameOf } from "./Glance";
import { boundsOf, type Slot, spentSoFar } from "./history";

interface Props {
  spend: Body<"SpendBody">;
  line: Body<"LineBody">;
  choice: Choice;
  slots: Slot[] | null | undefined;
}

/** Money over the period: spent, to be expected, and the limit. */
export function BurnDown({ spend, line, choice, slots }: Props) {
  const { t } = useTranslation("cost");
  const theme = useTheme();
  const { period } = choice;
  const span = line[period];
  const picture = useMemo(() => {
    const now = instant(spend.now);
    const { from, to: end } = boundsOf(period, spend.day);
    // Where the tables do not know the course, the two ends are known all the same.
    const known = slots ?? [];
    const points =
      slots === null
        ? { t: [from, now], v: [0, span.spent_usd] }
        : spentSoFar(known, STEP[period], now, span.spent_usd);
    const words = { spent: t("spent"), expected: t("expected"), fan: t("fan"), out: t("out") };
    return burnDown(points, span, { now, end }, words, inksOf(theme));
  }, [spend, span, slots, period, theme, t]);
  const title = nameOf(line.name, t("all"));
  return (
    <Section title={t(`burn.${period}`)} about={t(`burnAbout.${period}`)}>
      <TimeChart title={title} picture={picture} over={boundsOf(period, spend.day)} height={260} />
      {slots === null && <p className="section__about">{t("courseUnknown")}</p>}
      <Outlook span={span} />
    </Section>
  );
}

const STEP = { day: 3600, month: 86_400 };

/** What becomes of the limit, in one sentence. */
function Outlook({ span }: { span: Body<"SpanBody"> }) {
  const { t } = useTranslation("cost");
  if (!span.limit_usd) return <p className="muted">{t("noLimit")}</p>;
  return (
    <p>
      {t("limitOf", { usd: usd(span.limit_usd) })}{" "}
      {span.exceed_probability !== null &&
        span.exceed_probability !== undefined &&
        t("exceeds", { probability: percent(span.exceed_probability) })}{" "}
      {span.runs_out?.median && (
        <>
          {t("usedUp")} <When at={span.runs_out.median} />.
        </>
      )}
    </p>
  );
}
