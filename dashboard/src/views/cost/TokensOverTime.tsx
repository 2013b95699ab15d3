import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Body } from "@/api/client";
import { inks as inksOf } from "@/charts/ink";
import type { Line, Picture } from "@/charts/picture";
import { TimeChart } from "@/charts/TimeChart";
import { Empty } from "@/parts/Empty";
import { Section } from "@/parts/Section";
import { useTheme } from "@/shell/useTheme";
import type { Choice } from "./choice";
import { nameOf } from "./Glance";
import { boundsOf, held, type Slot } from "./history";

const STEP = { day: 3600, month: 86_400 };

interface Props {
  line: Body<"LineBody">;
  day: string;
  choice: Choice;
  slots: Slot[] | null | undefined;
}

/** Tokens by hour or by day: prompts, of these from a cache, and completions. */
export function TokensOverTime({ line, day, choice, slots }: Props) {
  const { t } = useTranslation("cost");
  const theme = useTheme();
  const { period } = choice;
  const picture = useMemo((): Picture => {
    const inks = inksOf(theme);
    const known = slots ?? [];
    const drawn = (label: string, ink: string, of: (slot: Slot) => number | null): Line => ({
      label,
      ink,
      stepped: true,
      points: held(known, STEP[period], of),
    });
    const split = known.some(({ prompt }) => prompt !== null);
    return {
      unit: "tokens",
      lines: split
        ? [
            { ...drawn(t("prompt"), inks.of(1), ({ prompt }) => prompt), fill: `${inks.of(1)}22` },
            drawn(t("cached"), inks.of(2), ({ cached }) => cached),
            drawn(t("completion"), inks.of(3), ({ completion }) => completion),
          ]
        : [drawn(t("allTokens"), inks.of(1), ({ tokens }) => tokens)],
    };
  }, [slots, period, theme, t]);
  return (
    <Section title={t(`tokensBy.${period}`)} about={t("tokensAbout")}>
      {slots?.length === 0 || slots === null ? (
        <Empty title={t(slots === null ? "courseUnknown" : "noTokens")} />
      ) : (
        <TimeChart title={nameOf(line.name, t("all"))} picture={picture} over={boundsOf(period, day)} height={180} />
      )}
    </Section>
  );
}
