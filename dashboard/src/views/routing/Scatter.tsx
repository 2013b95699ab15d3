import type { KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { usd } from "@/time/format";
import { type Axis, onAxis, type Spot } from "./front";
import { type Scale, scale } from "./scale";
import { useWidth } from "./useWidth";

const HEIGHT = 240;
const LEFT = 56;
const BOTTOM = 28;
const PIXELS_OF_A_TICK = 90;
const HALF_A_LABEL = 32;

interface Props {
  spots: Spot[];
  present: Spot | undefined;
  axis: Axis;
  chosen: number | undefined;
  choose: (number: number | undefined) => void;
}

/** Cost against speed: each mix a dot, what holds now a diamond. */
export function Scatter({ spots, present, axis, chosen, choose }: Props) {
  const { t } = useTranslation("routing");
  const [room, width] = useWidth<HTMLDivElement>();
  const all = [...spots, ...(present ? [present] : [])].filter((it) => it.cost_usd !== null && it[axis] !== null);
  const x = scale(
    all.map((it) => it.cost_usd ?? 0),
    [LEFT, width - 12],
    (width - LEFT) / PIXELS_OF_A_TICK,
  );
  const y = scale(
    all.map((it) => it[axis] ?? 0),
    [HEIGHT - BOTTOM, 12],
    4,
  );
  const words = (spot: Spot) => {
    const told = { cost: usd(spot.cost_usd), value: onAxis(axis, spot[axis]) };
    return spot.number === 0 ? t("present", told) : t("point", { ...told, number: spot.number });
  };
  const line = spots.map((it) => `${x(it.cost_usd ?? 0)},${y(it[axis] ?? 0)}`).join(" ");
  return (
    <div ref={room} className="scatter">
      {width > 0 && all.length > 0 && (
        <div role="radiogroup" aria-label={t("frontKeys", { axis: t(`axes.${axis}`) })}>
          <svg width={width} height={HEIGHT}>
            <title>{t("front")}</title>
            <Axes x={x} y={y} axis={axis} width={width} />
            <polyline className="scatter__line" points={line} />
            {all.map((spot) => {
              const [cx, cy] = [x(spot.cost_usd ?? 0), y(spot[axis] ?? 0)];
              const mark = spot.number === 0 ? "scatter__now" : "scatter__spot";
              return (
                <g
                  key={spot.number}
                  className={spot.number === chosen ? `${mark} ${mark}--chosen` : mark}
                  role="radio"
                  aria-checked={spot.number === chosen}
                  aria-label={words(spot)}
                  tabIndex={spot.number === (chosen ?? all[0]?.number) ? 0 : -1}
                  onKeyDown={walk}
                  onFocus={() => choose(spot.number)}
                  onMouseEnter={() => choose(spot.number)}
                >
                  {/* Larger than what is seen, for fingers. */}
                  <circle cx={cx} cy={cy} r={12} fill="transparent" />
                  {spot.number === 0 ? (
                    <path d={`M${cx} ${cy - 7}l7 7-7 7-7-7z`} />
                  ) : (
                    <circle cx={cx} cy={cy} r={spot.number === chosen ? 6 : 4} />
                  )}
                  <title>{words(spot)}</title>
                </g>
              );
            })}
          </svg>
        </div>
      )}
      <p className="scatter__key muted">
        <svg width="16" height="14" aria-hidden>
          <path className="scatter__sign" d="M8 0l7 7-7 7-7-7z" />
        </svg>
        {present ? words(present) : t("undecided")}
      </p>
    </div>
  );
}

/** Arrows lead from one mix to the next, as in any group of radio buttons. */
function walk(event: KeyboardEvent<SVGGElement>): void {
  const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!by) return;
  event.preventDefault();
  const all = [...(event.currentTarget.parentElement?.querySelectorAll<SVGGElement>("[role=radio]") ?? [])];
  all[(all.indexOf(event.currentTarget) + by + all.length) % all.length]?.focus();
}

function Axes({ x, y, axis, width }: { x: Scale; y: Scale; axis: Axis; width: number }) {
  return (
    <g className="scatter__axes" aria-hidden>
      {y.ticks.map((tick) => (
        <g key={tick}>
          <line x1={LEFT} x2={width} y1={y(tick)} y2={y(tick)} />
          <text x={LEFT - 8} y={y(tick) + 4} textAnchor="end">
            {onAxis(axis, tick)}
          </text>
        </g>
      ))}
      {x.ticks.map((tick) => (
        <g key={tick}>
          <line x1={x(tick)} x2={x(tick)} y1={0} y2={HEIGHT - BOTTOM} />
          {width - x(tick) < HALF_A_LABEL ? (
            <text x={width} y={HEIGHT - 8} textAnchor="end">
              {usd(tick)}
            </text>
          ) : (
            <text x={x(tick)} y={HEIGHT - 8} textAnchor="middle">
              {usd(tick)}
            </text>
          )}
        </g>
      ))}
    </g>
  );
}
