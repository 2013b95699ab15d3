import type uPlot from "uplot";
import { clock, known, utc, utcDay } from "@/time/format";
import { inUnit, newest, type Picture } from "./picture";

interface Props {
  picture: Picture;
  data: uPlot.AlignedData;
  /** The row under the cursor; the newest values without one. */
  at: number | null;
}

/** What each line is, and its value under the cursor or its newest one. */
export function Legend({ picture, data, at }: Props) {
  const fans = picture.fans ?? [];
  const first = 1 + 2 * fans.length;
  const instant = at === null ? undefined : data[0][at];
  return (
    <ul className="legend">
      {instant !== undefined && (
        <li className="legend__time" title={utc(instant)}>
          {picture.daily ? utcDay(instant) : clock(instant)}
        </li>
      )}
      {picture.lines.map((line, index) => (
        <li key={line.label}>
          <span
            className={line.dashed ? "legend__key legend__key--dashed" : "legend__key"}
            style={{ color: line.ink }}
          />
          {line.label} <b>{inUnit(picture.unit, at === null ? newest(line)?.v : data[first + index]?.[at])}</b>
        </li>
      ))}
      {fans.map(({ label, fill }, index) => {
        // Of fans that share a name, one within the other, the wide one comes first.
        if (fans.findIndex((fan) => fan.label === label) !== index) return null;
        const [low, high] = at === null ? [] : [data[1 + 2 * index]?.[at], data[2 + 2 * index]?.[at]];
        return (
          <li key={label}>
            <span className="legend__key legend__key--fan" style={{ background: fill }} />
            {label}
            {known(low) && known(high) && <b>{` ${inUnit(picture.unit, low)} – ${inUnit(picture.unit, high)}`}</b>}
          </li>
        );
      })}
    </ul>
  );
}
