import { useQueries } from "@tanstack/react-query";
import { http } from "@/api/client";
import { pointsOf } from "@/api/samples";
import type { Points } from "@/charts/picture";
import { iso, type Seconds } from "@/place/span";
import { instant } from "@/time/format";
import type { Seen } from "./frames";

/** The risk that decisions are made by: within a quarter of an hour. */
const HORIZON_S = 900;
const COLUMNS = "requests,errors,latency_mean_ms,latency_p95_ms,cost_usd";

/** What was seen of each channel of a class between two instants, and whether more of it is awaited. */
export function useSeen(
  route: string,
  channels: string[],
  from: Seconds,
  to: Seconds,
): { seen: Record<string, Seen>; awaited: boolean } {
  const span = { from: iso(from), to: iso(to) };
  return useQueries({
    queries: channels.map((channel) => ({
      queryKey: ["get", "/v1/channels/{id}/samples", { replay: route, channel, span }],
      placeholderData: (old: Seen | undefined) => old,
      queryFn: () => ask(route, channel, span),
    })),
    combine: (answers) => ({
      seen: Object.fromEntries(
        channels.flatMap((channel, index) => {
          const seen = answers[index]?.data;
          return seen ? [[channel, seen]] : [];
        }),
      ),
      awaited: answers.some(({ isPending }) => isPending),
    }),
  });
}

async function ask(route: string, channel: string, span: { from: string; to: string }): Promise<Seen> {
  const path = { id: channel };
  const [samples, risks] = await Promise.all([
    http.GET("/v1/channels/{id}/samples", { params: { path, query: { ...span, step: "1m", columns: COLUMNS } } }),
    http.GET("/v1/channels/{id}/risk", { params: { path, query: { ...span, class: route } } }),
  ]);
  const answer = { points: samples.data?.points ?? [] };
  const calls = pointsOf(answer, "requests");
  const said = (risks.data?.history ?? []).filter((it) => it.horizon_s === HORIZON_S);
  return {
    calls,
    failing: pointsOf(answer, "error_ratio"),
    p95_ms: pointsOf(answer, "latency_p95_ms"),
    latency_ms: pointsOf(answer, "latency_mean_ms"),
    cost_usd: perCall(pointsOf(answer, "cost_usd"), calls),
    risk: { t: said.map(({ ts }) => instant(ts)), v: said.map(({ probability }) => probability) },
  };
}

function perCall(sums: Points, calls: Points): Points {
  return { t: sums.t, v: sums.v.map((sum, index) => (sum !== null && calls.v[index] ? sum / calls.v[index] : null)) };
}
