import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { Ask } from "@/parts/Ask";
import { Figure, Ribbon } from "@/parts/Figure";
import { count, ms, percent, usd } from "@/time/format";
import type { SampleColumn } from "./questions";

type Sample = { [column in SampleColumn]?: number | null };

/** The last hour of a channel in figures. */
export function Now({ channel }: { channel: string }) {
  const { t } = useTranslation("channel");
  const state = api.useQuery("get", "/v1/channels/{id}", { params: { path: { id: channel } } });
  return (
    <Ask of={state} lines={2}>
      {({ last_hour }) => {
        const hour = (last_hour ?? {}) as Sample;
        const failed = hour.requests && hour.errors !== null ? (hour.errors ?? 0) / hour.requests : null;
        return (
          <Ribbon label={t("last")}>
            <Figure label={t("requests")} value={count(hour.requests)} about={t("last")} />
            <Figure label={t("errors")} value={percent(failed)} about={count(hour.errors)} />
            <Figure
              label={t("p95")}
              value={ms(hour.latency_p95_ms)}
              about={`${t("lines.p50")} ${ms(hour.latency_p50_ms)}`}
            />
            <Figure label={t("cost")} value={usd(hour.cost_usd)} about={t("last")} />
          </Ribbon>
        );
      }}
    </Ask>
  );
}
