import type uPlot from "uplot";
import type { Seconds } from "@/place/span";
import type { Inks } from "./ink";
import type { Picture } from "./picture";

/** What is behind the lines: troubles as shaded stretches. */
export function paintBehind(plot: uPlot, { stretches = [] }: Picture, inks: Inks): void {
  const { ctx, bbox } = plot;
  const min = plot.scales.x?.min ?? 0;
  const max = plot.scales.x?.max ?? 0;
  ctx.save();
  ctx.fillStyle = inks.trouble;
  for (const { from, to } of stretches) {
    const [start, end] = [Math.max(from, min), Math.min(to, max)];
    if (end <= start) continue;
    const left = plot.valToPos(start, "x", true);
    ctx.fillRect(left, bbox.top, Math.max(plot.valToPos(end, "x", true) - left, 2), bbox.height);
  }
  ctx.restore();
}

/** What is before the lines: the limit, the present, and the marks. */
export function paintBefore(plot: uPlot, picture: Picture, now: Seconds, inks: Inks): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.lineWidth = ratio;
  if (picture.limit !== undefined && picture.limit !== null) {
    const y = Math.round(plot.valToPos(picture.limit, "y", true)) + 0.5;
    stroke(ctx, inks.limit, [6 * ratio, 4 * ratio], [bbox.left, y], [bbox.left + bbox.width, y]);
  }
  const x = Math.round(plot.valToPos(now, "x", true)) + 0.5;
  stroke(ctx, inks.now, [2 * ratio, 3 * ratio], [x, bbox.top], [x, bbox.top + bbox.height]);
  ctx.fillStyle = inks.anomaly;
  for (const { t, v } of picture.marks ?? []) {
    ctx.beginPath();
    ctx.arc(plot.valToPos(t, "x", true), plot.valToPos(v, "y", true), 3 * ratio, 0, 2 * Math.PI);
    ctx.fill();
  }
  ctx.restore();
}

type Corner = [x: number, y: number];

function stroke(ctx: CanvasRenderingContext2D, ink: string, dash: number[], from: Corner, to: Corner): void {
  ctx.strokeStyle = ink;
  ctx.setLineDash(dash);
  ctx.beginPath();
  ctx.moveTo(...from);
  ctx.lineTo(...to);
  ctx.stroke();
}
