import { api } from "@/api/client";
import { Ask } from "@/parts/Ask";
import { bounds } from "@/place/span";
import { usePlace } from "@/place/usePlace";
import { useNow } from "@/time/useNow";
import { Board } from "./Board";
import type { Route } from "./board";
import { Decisions } from "./Decisions";
import { Front } from "./Front";
import { Holding } from "./Holding";
import { decisionsQuery } from "./history";
import { Proposal } from "./Proposal";
import { Replay } from "./Replay";
import { Weights } from "./Weights";

/** No event tells of a change that waits. */
const PROPOSALS_MS = 10_000;

/** All about one route class: now, over time, decision by decision. */
export function ClassPage({ route, generation }: { route: Route; generation: number | undefined }) {
  const { span } = usePlace();
  const now = useNow();
  const modes = api.useQuery("get", "/v1/mode", undefined, { refetchInterval: PROPOSALS_MS });
  const mode = modes.data?.classes.find((it) => it.class === route.class);
  const history = api.useQuery("get", "/v1/decisions", {
    params: { query: { class: route.class, ...decisionsQuery(span) } },
  });
  // What holds may be a renewal, and only those tell why nothing has changed since.
  const newest = api.useQuery("get", "/v1/decisions", {
    params: { query: { class: route.class, from: "-15m", renewals: true } },
  });
  const { from } = bounds(span, now);
  return (
    <>
      {mode?.waiting && <Proposal of={mode.waiting} route={route} />}
      <Holding route={route} mode={mode} newest={newest.data?.decisions ?? []} />
      <Board route={route} />
      <div className="columns">
        <div>
          <Ask of={history}>{(answer) => <Weights route={route} decisions={answer.decisions} />}</Ask>
        </div>
        <div>
          <Front route={route} />
        </div>
      </div>
      <Ask of={history}>
        {(answer) => (
          <>
            {answer.decisions.length > 0 && (
              <Replay key={generation} route={route} decisions={answer.decisions} generation={generation} />
            )}
            <Decisions
              route={route}
              decisions={answer.decisions}
              since={from}
              chosen={generation}
              truncated={answer.truncated}
            />
          </>
        )}
      </Ask>
    </>
  );
}
