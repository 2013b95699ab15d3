import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { api, type Body } from "@/api/client";
import { Ask } from "@/parts/Ask";
import { Empty } from "@/parts/Empty";
import { Section } from "@/parts/Section";
import { HeatKey } from "./HeatKey";
import { HeatRow } from "./HeatRow";
import { worstFirst } from "./heat";

const ROW_PX = 28;
/** Rows that are shown without scrolling. */
const MOST_ROWS = 14;

/** Channels by time: how they have been for an hour, and what may come in the next. */
export function Heat() {
  const { t } = useTranslation("overview");
  const heat = api.useQuery("get", "/v1/heat", { params: { query: { from: "-60m", step: "1m" } } });
  return (
    <Section title={t("heat.title")} about={t("heat.about")} tools={<HeatKey />}>
      <Ask of={heat} lines={6}>
        {(heat) =>
          heat.channels.length > 0 ? <Rows of={heat} /> : <Empty title={t("heat.empty")}>{t("heat.emptyAbout")}</Empty>
        }
      </Ask>
    </Section>
  );
}

/** The rows that are in sight; a thousand channels are no more work than fourteen. */
function Rows({ of }: { of: Body<"HeatBody"> }) {
  const { t } = useTranslation("overview");
  const rows = useMemo(() => worstFirst(of.channels), [of]);
  const frame = useRef<HTMLDivElement>(null);
  const sight = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW_PX,
    overscan: 6,
  });
  return (
    <div
      ref={frame}
      className="heat"
      style={{ blockSize: Math.min(rows.length, MOST_ROWS) * ROW_PX }}
      tabIndex={rows.length > MOST_ROWS ? 0 : undefined}
      role="group"
      aria-label={t("heat.title")}
    >
      <ul style={{ blockSize: sight.getTotalSize() }}>
        {sight.getVirtualItems().map(({ index, start }) => {
          const row = rows[index];
          return (
            row && (
              <li key={row.channel} style={{ blockSize: ROW_PX, transform: `translateY(${start}px)` }}>
                <HeatRow row={row} to={of.to} stepS={of.step_s} />
              </li>
            )
          );
        })}
      </ul>
    </div>
  );
}
