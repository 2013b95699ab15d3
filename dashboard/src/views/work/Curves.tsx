import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { api, type Body } from "@/api/client";
import { inks as inksOf } from "@/charts/ink";
import { type Picture, withGaps } from "@/charts/picture";
import { TimeChart } from "@/charts/TimeChart";
import { Ask } from "@/parts/Ask";
import { Empty } from "@/parts/Empty";
import { Section } from "@/parts/Section";
import { useTheme } from "@/shell/useTheme";
import { useNow } from "@/time/useNow";
import { noon, stretch } from "./kinds";

const DAY_S = 86_400;

/** How each tier of the class came along day by day, beside the static choice. */
export function Curves({ name }: { name: string }) {
  const { t } = useTranslation("work");
  const now = useNow();
  const curves = api.useQuery("get", "/v1/work/curves");
  return (
    <Section title={t("curves.title")} about={t("curves.about")}>
      <Ask of={curves}>
        {(told) => {
          const own = told.curves.filter((curve) => curve.class === name);
          if (own.length === 0) return <Empty title={t("curves.none")}>{t("curves.noneAbout")}</Empty>;
          const over = stretch(own, now);
          return (
            <div className="work__curves">
              {own.map((curve) => (
                <Curve key={curve.tier} curve={curve} over={over} />
              ))}
            </div>
          );
        }}
      </Ask>
    </Section>
  );
}

function Curve({ curve, over }: { curve: Body<"CurveBody">; over: { from: number; to: number } }) {
  const { t } = useTranslation("work");
  const theme = useTheme();
  const picture = useMemo((): Picture => {
    const inks = inksOf(theme);
    const at = curve.days.map(({ day }) => noon(day));
    const points = (of: (day: Body<"ReachedBody">) => number | null | undefined) =>
      withGaps({ t: at, v: curve.days.map((day) => of(day) ?? null) }, DAY_S);
    return {
      unit: "number",
      daily: true,
      lines: [
        {
          label: t("curves.learnt"),
          ink: inks.truth,
          dots: true,
          points: points((day) => day.worth_per_usd),
        },
        {
          label: t("curves.static", { model: curve.static }),
          ink: inks.limit,
          dashed: true,
          dots: true,
          points: points((day) => day.static_worth_per_usd),
        },
      ],
    };
  }, [curve, theme, t]);
  return (
    <TimeChart
      title={t("curves.tier", { class: curve.class, tier: curve.tier })}
      picture={picture}
      over={over}
      height={180}
    />
  );
}
