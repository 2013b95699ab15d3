import { useSyncExternalStore } from "react";
import type { Seconds } from "@/place/span";

const STEP_MS = 5_000;
const now = (): Seconds => Math.floor(Date.now() / STEP_MS) * (STEP_MS / 1000);

function subscribe(changed: () => void): () => void {
  const timer = setInterval(changed, STEP_MS);
  return () => clearInterval(timer);
}

/** The present second, in steps of five: what shows an age need not be drawn more often. */
export function useNow(): Seconds {
  return useSyncExternalStore(subscribe, now);
}
