import { useTranslation } from "react-i18next";
import type { Body } from "@/api/client";
import { type Column, Grid } from "@/parts/Grid";
import { count, decimal, GAP, percent, usd } from "@/time/format";
import { changeOf } from "./kinds";
import { whyOf } from "./why";

interface Props {
  kind: Body<"KindBody">;
  /** The colour of a model, the same in every card. */
  ink: (model: string) => string;
}

/** The shares of one tier: as a bar, as figures, and why. */
export function ShareCard({ kind, ink }: Props) {
  const { t } = useTranslation("work");
  const columns: Column<Body<"ModelBody">>[] = [
    {
      title: t("shares.model"),
      cell: ({ model, static: yardstick }) => (
        <>
          <span className="work__key" style={{ background: ink(model) }} />
          {model}
          {yardstick && <span className="muted"> · {t("shares.static")}</span>}
        </>
      ),
    },
    { title: t("shares.share"), figures: true, cell: ({ share }) => <b>{percent(share)}</b> },
    { title: t("shares.change"), figures: true, cell: (row) => <Change points={changeOf(row)} /> },
    { title: t("shares.worth"), figures: true, cell: ({ worth }) => decimal(worth, 2, 2) },
    { title: t("shares.cost"), figures: true, cell: ({ cost_usd }) => usd(cost_usd) },
    { title: t("shares.perUsd"), figures: true, cell: ({ worth_per_usd }) => decimal(worth_per_usd, 1, 1) },
    { title: t("shares.trials"), figures: true, cell: ({ jobs }) => count(jobs) },
  ];
  return (
    <article className="work__card" aria-label={`${kind.class} ${kind.tier}`}>
      <header>
        <h4>{kind.tier}</h4>
        <span className="muted" title={t("shares.enoughAbout")}>
          {t("shares.enough", { worth: decimal(kind.enough, 2, 2) })}
        </span>
        <span className="muted">{t("shares.jobs", { count: kind.jobs })}</span>
        <Gain of={kind.gain} />
      </header>
      <div className="work__bar" aria-hidden>
        {kind.models.map(({ model, share }) => (
          <span key={model} title={`${model} ${percent(share)}`} style={{ flexGrow: share, background: ink(model) }} />
        ))}
      </div>
      <Grid label={`${kind.class} ${kind.tier}`} columns={columns} rows={kind.models} keyOf={({ model }) => model} />
      <p className="work__why">{whyOf(kind, t)}</p>
    </article>
  );
}

function Gain({ of }: { of: number | null | undefined }) {
  const { t } = useTranslation("work");
  if (of === null || of === undefined) return <span className="work__gain muted">{t("shares.noGain")}</span>;
  const gain = t(of < 0 ? "shares.less" : "shares.more", { gain: percent(Math.abs(of)) });
  return <span className="work__gain">{t("shares.gain", { gain })}</span>;
}

function Change({ points }: { points: number | null }) {
  const { t } = useTranslation("work");
  if (points === null) return GAP;
  const size = decimal(Math.abs(points), 1, 1);
  if (Math.abs(points) < 0.05) return <span title={t("shares.unchanged")}>=</span>;
  const said = t(points > 0 ? "shares.changeUp" : "shares.changeDown", { points: size });
  return (
    <span title={said}>
      <span aria-hidden>
        {points > 0 ? "▲" : "▼"} {size}
      </span>
      <span className="cds--visually-hidden">{said}</span>
    </span>
  );
}
