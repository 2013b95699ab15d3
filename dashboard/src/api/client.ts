import { type keepPreviousData, type UseQueryOptions, type UseQueryResult, useQuery } from "@tanstack/react-query";
import createFetchClient, { type FetchOptions, type FetchResponse, type Middleware } from "openapi-fetch";
import type { PathsWithMethod } from "openapi-typescript-helpers";
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

/** What went wrong, in the words of who says so. */
export function inWords(error: unknown): string {
  return error instanceof Trouble ? (error.detail ?? error.message) : String(error);
}

/** Whether a question was answered only by that there is no such thing. */
export function isAbsent({ data, error }: { data: unknown; error: unknown }): boolean {
  return data === undefined && error instanceof Trouble && error.status === 404;
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
    if (error instanceof DOMException && error.name === "AbortError") return error;
    return new Trouble(0, "unreachable", error instanceof Error ? error.message : String(error));
  },
};

/** Plain calls of the interface, for orders. */
export const http = createFetchClient<paths>({ baseUrl: location.origin });
http.use(manners);

/** Everything that can be asked for. */
type Asked = PathsWithMethod<paths, "get">;
type Options<Path extends Asked> = Omit<FetchOptions<paths[Path]["get"]>, "signal">;
type Answer<Path extends Asked> = NonNullable<
  FetchResponse<paths[Path]["get"], Options<Path>, "application/json">["data"]
>;

/** How a question is asked, where that is not as usual; `keepPreviousData` shows the answer before until the next is there. */
type Manner = Pick<UseQueryOptions, "enabled" | "refetchInterval" | "retry" | "staleTime"> & {
  placeholderData?: typeof keepPreviousData;
};

/**
 * Questions as hooks, typed by our own description of the interface. The key is method, path and options, by which the
 * stream finds what has become old.
 */
export const api = {
  useQuery<Path extends Asked>(
    method: "get",
    path: Path,
    options?: Options<Path>,
    how?: Manner,
  ): UseQueryResult<Answer<Path>, unknown> {
    return useQuery({
      ...(how as object),
      queryKey: [method, path, options ?? {}],
      queryFn: async ({ signal }) => {
        // The options are those of the path; the client's own type cannot be told so for a path that is a parameter.
        const ask = http.GET as (path: Asked, options: object) => Promise<{ data?: unknown }>;
        const { data } = await ask(path, { ...options, signal });
        return data as Answer<Path>;
      },
    });
  },
};
