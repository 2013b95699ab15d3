import { useTranslation } from "react-i18next";
import { Grid } from "@/parts/Grid";
import { ms, percent, usd } from "@/time/format";
import type { Spot } from "./front";

/** The mixes as rows. */
export function FrontTable({ spots, present }: { spots: Spot[]; present: Spot | undefined }) {
  const { t } = useTranslation("routing");
  return (
    <details className="fold">
      <summary>{t("frontTable")}</summary>
      <Grid
        label={t("front")}
        keyOf={({ number }) => String(number)}
        rows={present ? [present, ...spots] : spots}
        chosen={({ number }) => number === 0}
        columns={[
          { title: t("mix"), cell: ({ number }) => (number === 0 ? t("presentMix") : number) },
          { title: t("cost"), cell: (it) => usd(it.cost_usd), figures: true },
          { title: t("latency"), cell: (it) => ms(it.latency_ms), figures: true },
          { title: t("slow"), cell: (it) => percent(it.slow), figures: true },
          { title: t("failing"), cell: (it) => percent(it.failing), figures: true },
          { title: t("shares"), cell: ({ shares }) => list(shares) },
        ]}
      />
    </details>
  );
}

function list(shares: Spot["shares"]): string {
  return Object.entries(shares)
    .sort(([, one], [, other]) => other - one)
    .map(([channel, share]) => `${channel} ${percent(share)}`)
    .join(" · ");
}
