import { useTranslation } from "react-i18next";
import { ms, percent, usd } from "@/time/format";
import type { Frame, Met } from "./frames";

/** What a call met in the minute, as decided and without the decision. */
export function FrameTotals({ frame }: { frame: Frame }) {
  const { t } = useTranslation("routing");
  const rows: [string, (met: Met) => string][] = [
    [t("failingCalls"), (met) => percent(met.failing)],
    [t("meanLatency"), (met) => ms(met.latency_ms)],
    [t("costPerCall"), (met) => usd(met.cost_usd)],
  ];
  return (
    <dl className="totals">
      {rows.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>
            <b>{value(frame.decided)}</b>
            <span className="muted">
              {t("withoutIt")}: {value(frame.without)}
            </span>
          </dd>
        </div>
      ))}
    </dl>
  );
}
