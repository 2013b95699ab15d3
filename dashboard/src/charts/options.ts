import uPlot from "uplot";
import type { Seconds } from "@/place/span";
import { clock, day, utc } from "@/time/format";
import type { Inks } from "./ink";
import { paintBefore, paintBehind } from "./paint";
import { ceiling, inUnit, type Picture } from "./picture";

const FONT = "12px 'IBM Plex Sans', system-ui, sans-serif";

/** The stretch of time that a chart shows. */
export interface Bounds {
  from: Seconds;
  to: Seconds;
}

/** What a chart asks at each drawing, so that it need not be made anew when data comes in. */
export interface Live {
  picture: Picture;
  bounds: Bounds;
  now: Seconds;
}

/** How a chart of the shape of `picture` is made: axes, series, cursor, and a brush if it may zoom. */
export function options(
  live: () => Live,
  inks: Inks,
  size: { width: number; height: number },
  zoom?: Zoom,
): uPlot.Options {
  const { picture } = live();
  const { fans = [], lines, unit } = picture;
  const axis = { stroke: inks.text, font: FONT, grid: { stroke: inks.grid, width: 1 }, ticks: { show: false } };
  return {
    ...size,
    // Where the axis ends with a day, the label of that day needs room.
    padding: [8, 28, 0, 0],
    legend: { show: false },
    cursor: {
      // One line of time through all charts of the page.
      ...(zoom && { sync: { key: "time", setSeries: false, scales: ["x", null] } }),
      drag: { x: zoom !== undefined, y: false, setScale: false },
      points: { size: 6 },
    },
    scales: {
      x: { time: true, range: () => [live().bounds.from, live().bounds.to] },
      y: { range: () => [0, ceiling(live().picture, live().bounds.from, live().bounds.to)] },
    },
    axes: [
      {
        ...axis,
        size: 28,
        values: (_, splits, __, ___, step) => splits.map((at) => tick(at, step, live().now)),
        space: 90,
      },
      { ...axis, size: 64, values: (_, splits) => splits.map((value) => inUnit(unit, value)), space: 36 },
    ],
    bands: fans.map((fan, at) => ({ series: [2 * at + 2, 2 * at + 1], fill: fan.fill })),
    series: [
      { value: (_, at) => (at === null ? "" : `${clock(at)} · ${utc(at)}`) },
      ...fans.flatMap(() => [edge(), edge()]),
      ...lines.map(
        ({ label, ink, dashed, fill, stepped, dots }): uPlot.Series => ({
          label,
          stroke: ink,
          width: 1.5,
          ...(dashed && { dash: [5, 4] }),
          ...(fill && { fill }),
          ...(stepped && { paths: uPlot.paths.stepped?.({ align: 1 }) }),
          points: { show: dots ?? false, size: 6 },
        }),
      ),
    ],
    hooks: {
      drawAxes: [(plot) => paintBehind(plot, live().picture, inks)],
      draw: [(plot) => paintBefore(plot, live().picture, live().now, inks)],
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          if (width < 4 || !zoom) return;
          zoom(plot.posToVal(left, "x"), plot.posToVal(left + width, "x"));
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
    },
  };
}

/** Shows the time between two instants. */
export type Zoom = (from: Seconds, to: Seconds) => void;

/** A label of the axis of time: a day where one begins, else the time. */
function tick(at: Seconds, step: number, now: Seconds): string {
  const begins = new Date(at * 1000).getHours() === 0 && new Date(at * 1000).getMinutes() === 0;
  return step >= 86_400 || begins ? day(at) : clock(at, now);
}

/** An edge of a fan: only what lies between two of them is seen. */
function edge(): uPlot.Series {
  return { stroke: "transparent", width: 0, points: { show: false } };
}
