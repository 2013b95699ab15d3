import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { type Body, http } from "./client";

/** Answers change as fast as minutes are written, and are dearer than those of other resources. */
const OFTEN_MS = 120_000;
/** A server that is busy is asked again soon. */
const AGAIN_MS = 5_000;

/** A question in SQL as a hook; nothing is asked where there is no question. */
export function useSql(sql: string | undefined): UseQueryResult<Body<"SqlAnswer">, unknown> {
  return useQuery({
    queryKey: ["post", "/v1/query", sql],
    queryFn: async ({ signal }) => {
      const { data } = await http.POST("/v1/query", { body: { sql: sql ?? "" }, signal });
      // Whatever is no success has been thrown.
      return data as Body<"SqlAnswer">;
    },
    enabled: sql !== undefined,
    staleTime: OFTEN_MS,
    refetchInterval: ({ state }) => (state.error ? AGAIN_MS : OFTEN_MS),
  });
}
