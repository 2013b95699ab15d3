import { useTranslation } from "react-i18next";
import { Grid } from "@/parts/Grid";
import { count, ms, percent } from "@/time/format";
import type { Frame, Row } from "./frames";
import { useColours } from "./useColours";

/** Each channel in the minute: its share, and how it did. */
export function FrameTable({ frame, channels }: { frame: Frame; channels: string[] }) {
  const { t } = useTranslation("routing");
  const colour = useColours(channels);
  const part = (share: number | null) => `${(share ?? 0) * 100}%`;
  return (
    <Grid<Row>
      label={t("minute")}
      keyOf={({ channel }) => channel}
      rows={frame.rows}
      columns={[
        { title: t("channel"), cell: ({ channel }) => channel },
        {
          title: t("share"),
          cell: (row) => (
            <span className="part">
              <span className="part__bar" aria-hidden>
                <span style={{ inlineSize: part(row.share), background: colour(row.channel) }} />
                <i style={{ insetInlineStart: part(row.without) }} />
              </span>
              <b>{percent(row.share)}</b>
            </span>
          ),
        },
        { title: t("without"), cell: (row) => percent(row.without), figures: true },
        { title: t("calls"), cell: (row) => count(row.calls), figures: true },
        { title: t("errors"), cell: (row) => percent(row.failing), figures: true },
        { title: t("p95"), cell: (row) => ms(row.p95_ms), figures: true },
        { title: t("risk"), cell: (row) => percent(row.risk), figures: true },
      ]}
    />
  );
}
