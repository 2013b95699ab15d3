import { api, type Body } from "@/api/client";
import { useStanding } from "@/api/standing";
import { asQuery, type Seconds, type Span, stepOf } from "@/place/span";
import { usePlace } from "@/place/usePlace";
import { useNow } from "@/time/useNow";

/** What the charts of a channel are drawn from. */
const COLUMNS = [
  "requests",
  "errors",
  "throttled",
  "latency_p50_ms",
  "latency_p95_ms",
  "ttft_p50_ms",
  "ttft_p95_ms",
  "tokens_prompt",
  "tokens_completion",
  "tokens_cached",
  "cost_usd",
] as const;

export type SampleColumn = (typeof COLUMNS)[number];

/** One step of a channel; a column without a value is a gap. */
export type Step = { ts: string } & { [column in SampleColumn]?: number | null };

/** How far ahead forecasts are asked for: an hour, or a quarter of what is shown if that is more. */
export function ahead(span: Span): Seconds {
  if (span.kind === "fixed") return 3600;
  return Math.min(Math.max(3600, span.minutes * 15), 24 * 3600);
}

/** The channel's steps over the span. */
export function useSteps(channel: string) {
  const { span } = usePlace();
  const step = stepOf(span, useNow());
  return api.useQuery("get", "/v1/channels/{id}/samples", {
    params: { path: { id: channel }, query: { ...asQuery(span), step, columns: COLUMNS.join(",") } },
  });
}

/** The forecast of one column; nothing where there is not enough history yet. */
export function useForecast(channel: string, column: string) {
  const { span } = usePlace();
  const standing = useStanding(channel).data?.forecasts ?? [];
  const horizon = `${Math.round(ahead(span) / 60)}m`;
  return api.useQuery(
    "get",
    "/v1/channels/{id}/forecasts/{column}",
    { params: { path: { id: channel, column }, query: { horizon, levels: "0.05,0.25,0.5,0.75,0.95" } } },
    { retry: false, refetchInterval: 60_000, enabled: standing.some((one) => one.column === column) },
  );
}

/** What was expected of the minutes of the span before they came, as far as it is remembered. */
export function useExpected(channel: string) {
  const { span } = usePlace();
  return api.useQuery(
    "get",
    "/v1/channels/{id}/expected",
    { params: { path: { id: channel }, query: asQuery(span) } },
    { refetchInterval: 60_000 },
  );
}

/** Odd minutes of the span. */
export function useAnomalies(channel: string) {
  const { span } = usePlace();
  return api.useQuery("get", "/v1/channels/{id}/anomalies", {
    params: { path: { id: channel }, query: asQuery(span) },
  });
}

/** Incidents of the channel that touch the span. */
export function useIncidents(channel: string) {
  const { span } = usePlace();
  return api.useQuery("get", "/v1/incidents", { params: { query: { ...asQuery(span), channel, limit: 100 } } });
}

export type Forecast = Body<"ForecastBody">;
export type Expected = Body<"ExpectedBody">;
export type Anomaly = Body<"AnomalyBody">;
export type Incident = Body<"IncidentBody">;
