import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { inks as inksOf } from "@/charts/ink";
import type { Picture } from "@/charts/picture";
import { TimeChart } from "@/charts/TimeChart";
import { Ask } from "@/parts/Ask";
import { usePlace } from "@/place/usePlace";
import { useTheme } from "@/shell/useTheme";
import { duration, instant } from "@/time/format";
import { useNow } from "@/time/useNow";
import { expected, fanned, marks, points, ratio, stretches } from "./pictures";
import { ahead, type Step, useAnomalies, useExpected, useForecast, useIncidents, useSteps } from "./questions";

/** Everything that is known of a channel over time, with what is forecast. */
export function Charts({ channel }: { channel: string }) {
  const steps = useSteps(channel);
  return (
    <Ask of={steps} lines={12}>
      {({ points, step_s }) => <Drawn channel={channel} steps={over(points as Step[], step_s)} stepS={step_s} />}
    </Ask>
  );
}

/** The steps that are over: sums of one that is not would look like a fall. */
function over(steps: Step[], stepS: number): Step[] {
  const now = Date.now() / 1000;
  return steps.filter(({ ts }) => instant(ts) + stepS <= now);
}

function Drawn({ channel, steps, stepS }: { channel: string; steps: Step[]; stepS: number }) {
  const { t } = useTranslation("channel");
  const theme = useTheme();
  const { span } = usePlace();
  const now = useNow();
  const anomalies = useAnomalies(channel).data?.anomalies;
  const incidents = useIncidents(channel).data?.incidents;
  const latency = useForecast(channel, "latency_p95_ms").data;
  const errors = useForecast(channel, "error_ratio").data;
  const demand = useForecast(channel, "requests").data;
  const first = useForecast(channel, "ttft_p95_ms").data;
  const tokens = useForecast(channel, "tokens_completion").data;
  const cost = useForecast(channel, "cost_usd").data;
  const past = useExpected(channel).data;

  const pictures = useMemo((): Record<string, Picture> => {
    const inks = inksOf(theme);
    const names = { middle: t("lines.forecast"), fan: t("lines.fan") };
    const lead = past ? duration(past.lead_s) : "";
    const line = (label: string, column: Parameters<typeof points>[1], ink: string, perMinute = false) => ({
      label,
      points: points(steps, column, stepS, perMinute),
      ink,
    });
    const shared = { stretches: stretches(incidents ?? [], now) };
    const odd = (...columns: string[]) => marks(stepS === 60 ? (anomalies ?? []) : [], columns);
    const make = (
      unit: Picture["unit"],
      lines: Picture["lines"],
      forecast: typeof latency,
      column: string,
      ...others: string[]
    ): Picture => {
      const fan = fanned(forecast, inks, names);
      const fans = [...expected(past, column, inks, t("lines.expected", { lead })), ...fan.fans];
      return { ...shared, unit, lines: [...lines, ...fan.lines], fans, marks: odd(column, ...others) };
    };
    const { truth } = inks;
    return {
      latency: make(
        "ms",
        [line(t("lines.p50"), "latency_p50_ms", inks.of(2)), line(t("lines.p95"), "latency_p95_ms", truth)],
        latency,
        "latency_p95_ms",
        "latency_p50_ms",
      ),
      ttft: make(
        "ms",
        [line(t("lines.p50"), "ttft_p50_ms", inks.of(2)), line(t("lines.p95"), "ttft_p95_ms", truth)],
        first,
        "ttft_p95_ms",
        "ttft_p50_ms",
      ),
      errors: make(
        "ratio",
        [
          { label: t("lines.errorRatio"), points: ratio(steps, "errors", stepS), ink: truth },
          { label: t("lines.throttled"), points: ratio(steps, "throttled", stepS), ink: inks.of(9) },
        ],
        errors,
        "error_ratio",
        "throttled_ratio",
      ),
      demand: make("per_min", [line(t("lines.requests"), "requests", truth, true)], demand, "requests"),
      tokens: make(
        "tokens",
        [
          line(t("lines.prompt"), "tokens_prompt", inks.of(2), true),
          line(t("lines.cached"), "tokens_cached", inks.of(6), true),
          line(t("lines.completion"), "tokens_completion", truth, true),
        ],
        tokens,
        "tokens_completion",
      ),
      cost: make("usd", [line(t("lines.usd"), "cost_usd", truth, true)], cost, "cost_usd"),
    };
  }, [steps, stepS, theme, t, now, anomalies, incidents, past, latency, errors, demand, first, tokens, cost]);

  const titles: Record<string, string> = {
    latency: t("charts.latency"),
    ttft: t("charts.ttft"),
    errors: t("charts.errors"),
    demand: `${t("charts.demand")}, ${t("charts.aMinute")}`,
    tokens: `${t("charts.tokens")}, ${t("charts.aMinute")}`,
    cost: `${t("charts.cost")}, ${t("charts.aMinute")}`,
  };
  return (
    <div className="charts">
      {Object.entries(pictures).map(([name, picture]) => (
        <TimeChart key={name} title={titles[name] ?? name} picture={picture} ahead={ahead(span)} />
      ))}
    </div>
  );
}
