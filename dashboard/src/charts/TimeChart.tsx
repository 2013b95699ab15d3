import { type KeyboardEvent, useCallback, useEffect, useId, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { bounds } from "@/place/span";
import { go, usePlace } from "@/place/usePlace";
import { useTheme } from "@/shell/useTheme";
import { clock, utc } from "@/time/format";
import { useNow } from "@/time/useNow";
import { inks as inksOf } from "./ink";
import { Legend } from "./Legend";
import { type Bounds, type Live, options } from "./options";
import { aligned, inUnit, newest, type Picture } from "./picture";

interface Props {
  title: string;
  picture: Picture;
  height?: number;
  /** Seconds beyond the present that are shown: the forecast's. */
  ahead?: number;
  /** A stretch of its own, such as a day or a month, in place of the one of the place; without a brush then. */
  within?: Bounds;
}

/** A chart over the time that the place says, where a brush zooms every pane in; or over a stretch of its own. */
export function TimeChart({ title, picture, height = 150, ahead = 0, within }: Props) {
  const { t } = useTranslation();
  const place = usePlace();
  const now = useNow();
  const theme = useTheme();
  const about = useId();
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const [at, setAt] = useState<number | null>(null);

  const span = bounds(place.span, now);
  const shown = within ?? { from: span.from, to: place.span.kind === "last" ? span.to + ahead : span.to };
  const free = within === undefined;
  const live = useRef<Live>({ picture, bounds: shown, now });
  live.current = { picture, bounds: shown, now };

  const inks = useMemo(() => inksOf(theme), [theme]);
  // A chart is made anew only if its shape or its look changes; data flows into the old one.
  const shape = JSON.stringify([
    picture.unit,
    (picture.fans ?? []).map(({ fill }) => fill),
    picture.lines.map(({ label, ink, dashed, fill, dots }) => [label, ink, dashed, fill, dots]),
  ]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `shape` stands for all of the picture that a new chart needs
  useEffect(() => {
    const room = frame.current;
    if (!room) return;
    const made = new uPlot(
      options(() => live.current, inks, { width: room.clientWidth, height }, free ? zoomTo : undefined),
      aligned(live.current.picture),
      room,
    );
    made.over.addEventListener("mousemove", () => setAt(made.cursor.idx ?? null));
    made.over.addEventListener("mouseleave", () => setAt(null));
    plot.current = made;
    const watcher = new ResizeObserver(() => {
      if (room.clientWidth > 0 && room.clientWidth !== made.width) made.setSize({ width: room.clientWidth, height });
    });
    watcher.observe(room);
    return () => {
      watcher.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [shape, inks, height, free]);

  const data = useMemo(() => aligned(picture), [picture]);
  useEffect(() => plot.current?.setData(data), [data]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the bounds and the present move the axis and nothing else
  useEffect(() => plot.current?.redraw(false, true), [shown.from, shown.to, now]);

  const onKey = useCallback(
    (event: KeyboardEvent) => {
      if (plot.current) steer(plot.current, event, setAt, free);
    },
    [free],
  );

  return (
    <figure className="chart" aria-describedby={about}>
      <figcaption className="chart__head">
        <span className="chart__title">{title}</span>
        <Legend picture={picture} data={data} at={at} />
      </figcaption>
      <div
        ref={frame}
        className="chart__frame"
        style={{ height }}
        tabIndex={0}
        role="group"
        aria-label={t(free ? "chart.keys" : "chart.moves", { title })}
        onKeyDown={onKey}
      />
      <p id={about} className="cds--visually-hidden" aria-live="off">
        {picture.lines.map((line) => summary(line, picture.unit, t("none"))).join("; ")}
      </p>
    </figure>
  );
}

function zoomTo(from: number, to: number): void {
  // A minute is the finest there is.
  if (to - from < 120) return;
  go((place) => ({ ...place, span: { kind: "fixed", from: Math.floor(from / 60) * 60, to: Math.ceil(to / 60) * 60 } }));
}

function summary(line: Picture["lines"][number], unit: Picture["unit"], none: string): string {
  const last = newest(line);
  return `${line.label}: ${last ? `${inUnit(unit, last.v)} (${clock(last.t)}, ${utc(last.t)})` : none}`;
}

/** Arrows move the cursor, with shift they mark a stretch, enter zooms into it. */
function steer(plot: uPlot, event: KeyboardEvent, tell: (at: number | null) => void, zooms: boolean): void {
  const times = plot.data[0];
  if (times.length === 0) return;
  const old = plot.cursor.idx ?? times.length - 1;
  if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
    event.preventDefault();
    const at = Math.min(Math.max(old + (event.key === "ArrowLeft" ? -1 : 1), 0), times.length - 1);
    const [from, to] = [plot.valToPos(times[old] ?? 0, "x"), plot.valToPos(times[at] ?? 0, "x")];
    if (event.shiftKey && zooms) {
      const { left, width } = plot.select;
      const [start, end] = width > 0 ? [left, left + width] : [from, from];
      // The end that the cursor is at is the one that moves.
      const [low, high] = Math.abs(from - start) < Math.abs(from - end) ? [to, end] : [start, to];
      plot.setSelect(
        { left: Math.min(low, high), width: Math.abs(high - low), top: 0, height: plot.over.clientHeight },
        false,
      );
    }
    plot.setCursor({ left: to, top: plot.over.clientHeight / 2 });
    tell(at);
  } else if (event.key === "Enter" && plot.select.width > 0) {
    const { left, width } = plot.select;
    zoomTo(plot.posToVal(left, "x"), plot.posToVal(left + width, "x"));
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  } else if (event.key === "Escape") {
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    tell(null);
  }
}
