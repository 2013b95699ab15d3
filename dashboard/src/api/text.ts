import { Trouble } from "./client";
import { token } from "./kept";

/** Asks for what is no JSON to be worked with: a report as it is read or kept. Throws what the typed client throws. */
export async function asText(path: string, signal?: AbortSignal): Promise<string> {
  const headers: HeadersInit = token.get() ? { Authorization: `Bearer ${token.get()}` } : {};
  const response = await fetch(path, { headers, signal: signal ?? null }).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Trouble(0, "unreachable", error instanceof Error ? error.message : String(error));
  });
  if (response.ok) return response.text();
  const problem = await response.json().catch(() => ({}));
  throw new Trouble(response.status, problem.title ?? response.statusText, problem.detail);
}
