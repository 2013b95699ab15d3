import type { Shares } from "@/api/shapes";
import { Go } from "@/parts/Go";
import { percent } from "@/time/format";
import { useColours } from "./useColours";

interface Props {
  label: string;
  shares: Shares;
  /** Every channel of the class, so that colours stay. */
  channels: string[];
  /** The shares that these would replace. */
  before?: Shares | undefined;
}

/** How calls are shared out: one bar, and each channel with its share. */
export function ShareBar({ label, shares, channels, before }: Props) {
  const colour = useColours(channels);
  const sorted = channels.toSorted();
  return (
    <div className="mix">
      <div className="mix__bar" aria-hidden>
        {sorted.map((channel) => (
          <span key={channel} style={{ flexGrow: shares[channel] ?? 0, background: colour(channel) }} />
        ))}
      </div>
      <ul className="mix__list" aria-label={label}>
        {sorted.map((channel) => (
          <li key={channel}>
            <span className="swatch" style={{ background: colour(channel) }} />
            <Go to={{ view: "channel", subject: channel }}>{channel}</Go>{" "}
            <b>
              {before && before[channel] !== shares[channel] && `${percent(before[channel] ?? 0)} → `}
              {percent(shares[channel] ?? 0)}
            </b>
          </li>
        ))}
      </ul>
    </div>
  );
}
