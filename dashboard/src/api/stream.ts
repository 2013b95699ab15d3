import type { QueryClient } from "@tanstack/react-query";
import { EventSourceParserStream } from "eventsource-parser/stream";
import { useSyncExternalStore } from "react";
import { token } from "./kept";

/** How the stream of events does. */
export type Liveness = "connecting" | "live" | "lost";

/** Which answers an event makes old. */
const OUTDATED: Record<string, string[]> = {
  sample: ["/v1/channels", "/v1/aggregate", "/v1/top", "/v1/heat", "/v1/summary", "/v1/spend", "/v1/forecasts"],
  anomaly: ["/v1/channels/{id}/anomalies"],
  incident: ["/v1/incidents", "/v1/summary", "/v1/alerts", "/v1/silences"],
  group: ["/v1/incidents", "/v1/summary", "/v1/alerts", "/v1/silences"],
  risk: ["/v1/risk", "/v1/channels/{id}/risk", "/v1/heat"],
  decision: ["/v1/routes", "/v1/decisions", "/v1/mode", "/v1/summary"],
  action: ["/v1/actions", "/v1/playbooks"],
  work: ["/v1/work"],
  // Some were left out, of whatever kind.
  missed: ["/v1"],
};
/** Events come in bursts, once a minute; one question answers them all. */
const GATHER_MS = 400;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;

let state: Liveness = "connecting";
const listeners = new Set<() => void>();

function become(next: Liveness): void {
  state = next;
  for (const tell of listeners) tell();
}

/** How the stream of events does, followed. */
export function useLiveness(): Liveness {
  const subscribe = (changed: () => void) => {
    listeners.add(changed);
    return () => listeners.delete(changed);
  };
  return useSyncExternalStore(subscribe, () => state);
}

/** Follows the stream until `signal` ends it: what events make old is asked again. */
export async function follow(queries: QueryClient, signal: AbortSignal): Promise<void> {
  const outdate = gatherer(queries);
  let pause = FIRST_PAUSE_MS;
  while (!signal.aborted) {
    try {
      await listen(signal, outdate, () => {
        // Whatever happened while nobody listened.
        if (state === "lost") void queries.invalidateQueries();
        pause = FIRST_PAUSE_MS;
        become("live");
      });
    } catch {
      // Told below; the pause grows until the server is back.
    }
    if (signal.aborted) return;
    become("lost");
    await new Promise((resolve) => setTimeout(resolve, pause));
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  }
}

async function listen(signal: AbortSignal, heard: (kind: string) => void, opened: () => void): Promise<void> {
  // Not `EventSource`: it cannot send the token.
  const headers: HeadersInit = token.get() ? { Authorization: `Bearer ${token.get()}` } : {};
  const response = await fetch("/v1/stream", { headers, signal });
  if (!response.ok || !response.body) throw new Error(`the stream answers ${response.status}`);
  opened();
  const events = response.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
  for (const reader = events.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) return;
    heard(value.event ?? "");
  }
}

/** Collects what is old for a moment, then has it asked again. */
function gatherer(queries: QueryClient): (kind: string) => void {
  const old = new Set<string>();
  let waiting = false;
  return (kind) => {
    for (const path of OUTDATED[kind] ?? []) old.add(path);
    if (waiting) return;
    waiting = true;
    setTimeout(() => {
      waiting = false;
      const paths = [...old];
      old.clear();
      // Keys are [method, path, options]; a path stands for everything below it.
      void queries.invalidateQueries({
        predicate: ({ queryKey: [, asked] }) =>
          paths.some((path) => typeof asked === "string" && asked.startsWith(path)),
      });
    }, GATHER_MS);
  };
}
