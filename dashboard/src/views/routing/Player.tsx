import { SkeletonText } from "@carbon/react";
import { useState } from "react";
import { useNow } from "@/time/useNow";
import { Controls } from "./Controls";
import { FrameTable } from "./FrameTable";
import { FrameTotals } from "./FrameTotals";
import { frames, MINUTE_S, minutesAround } from "./frames";
import { ReplayCharts } from "./ReplayCharts";
import type { Decision } from "./reason";
import { useSeen } from "./useSeen";

interface Props {
  decision: Decision;
  decisions: Decision[];
  channels: string[];
}

/** Plays a decision: the minute that is looked at, what it was like, and where it is in the whole. */
export function Player({ decision, decisions, channels }: Props) {
  const now = useNow();
  const { from, to } = minutesAround(decision, now);
  // A decision can be about channels that are no longer of the class.
  const all = [...new Set([...channels, ...Object.keys(decision.weights)])].toSorted();
  const { seen, awaited } = useSeen(decision.class, all, from, to + MINUTE_S);
  const shown = frames(decision, decisions, seen, now);
  const [at, setAt] = useState(() => Math.floor(Date.parse(decision.issued_at) / 1000 / MINUTE_S) * MINUTE_S);
  const index = Math.min(Math.max(Math.round((at - from) / MINUTE_S), 0), shown.length - 1);
  const frame = shown[index];
  if (awaited || !frame) return <SkeletonText paragraph lineCount={8} />;
  return (
    <>
      <Controls
        decision={decision}
        index={index}
        last={shown.length - 1}
        from={from}
        go={(to) => setAt(from + to * MINUTE_S)}
      />
      <div className="columns">
        <div>
          <FrameTotals frame={frame} />
          <FrameTable frame={frame} channels={all} />
        </div>
        <div>
          <ReplayCharts frames={shown} at={frame.at} over={{ from, to: to + MINUTE_S }} />
        </div>
      </div>
    </>
  );
}
