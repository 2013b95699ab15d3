import { useSyncExternalStore } from "react";

/** A text that the browser keeps, and that components can follow. */
class Kept {
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly name: string,
    private readonly storage: Storage,
  ) {}

  readonly get = (): string => this.storage.getItem(this.name) ?? "";

  readonly set = (value: string): void => {
    if (value) this.storage.setItem(this.name, value);
    else this.storage.removeItem(this.name);
    for (const tell of this.listeners) tell();
  };

  readonly subscribe = (changed: () => void): (() => void) => {
    this.listeners.add(changed);
    return () => this.listeners.delete(changed);
  };
}

/** The bearer token; it is gone when the tab is. */
export const token = new Kept("foreroute.token", sessionStorage);
/** Who gives orders where the server has no tokens that name people. */
export const person = new Kept("foreroute.person", localStorage);

export const language = new Kept("foreroute.language", localStorage);
export const theme = new Kept("foreroute.theme", localStorage);
/** `off` where single keys shall do nothing (WCAG 2.1.4). */
export const shortcuts = new Kept("foreroute.shortcuts", localStorage);

/** The kept text, followed. */
export function useKept(kept: Kept): string {
  return useSyncExternalStore(kept.subscribe, kept.get);
}
