import { useTranslation } from "react-i18next";
import { healthInk, riskInk } from "@/charts/ink";
import { useTheme } from "@/shell/useTheme";
import { percent } from "@/time/format";

const HEALTH = [0, 0.01, 0.03, 0.1, 0.3];
const RISK = [0, 0.05, 0.2, 0.5];

/** What the colours of the heat map mean. */
export function HeatKey() {
  const { t } = useTranslation("overview");
  const theme = useTheme();
  return (
    <div className="heat__key">
      <Scale label={t("heat.past")} steps={HEALTH.map((from) => ({ from, ink: healthInk(from, theme) }))} />
      <Scale label={t("heat.next")} steps={RISK.map((from) => ({ from, ink: riskInk(from, theme) }))} />
    </div>
  );
}

function Scale({ label, steps }: { label: string; steps: { from: number; ink: string }[] }) {
  return (
    <span className="heat__scale">
      {label}
      {steps.map(({ from, ink }) => (
        <span key={from}>
          <i style={{ background: ink }} />
          {percent(from)}
        </span>
      ))}
    </span>
  );
}
