import createFetchClient, { type Middleware } from "openapi-fetch";
import createQueryHooks from "openapi-react-query";
import { token } from "./kept";
import type { components, paths } from "./schema";

/** A body of the interface by its name in `schemas/openapi.json`. */
export type Body<Name extends keyof components["schemas"]> = components["schemas"][Name];

/** An answer that is not a success: a problem document (RFC 9457), or no answer at all (`status` 0). */
export class Trouble extends Error {
  constructor(
    readonly status: number,
    title: string,
    readonly detail?: string,
  ) {
    super(title);
  }
}

/** Signs requests, and makes one kind of error of everything that goes wrong. */
const manners: Middleware = {
  onRequest({ request }) {
    const presented = token.get();
    if (presented) request.headers.set("Authorization", `Bearer ${presented}`);
  },
  async onResponse({ response }) {
    if (response.ok) return;
    const problem = await response
      .clone()
      .json()
      .catch(() => ({}));
    throw new Trouble(response.status, problem.title ?? response.statusText, problem.detail);
  },
  onError({ error }) {
    return new Trouble(0, "unreachable", error instanceof Error ? error.message : String(error));
  },
};

/** Plain calls of the interface, for orders. */
export const http = createFetchClient<paths>({ baseUrl: location.origin });
http.use(manners);

/** Questions as hooks, typed by our own description of the interface. */
export const api = createQueryHooks(http);
