import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";

/** Has answers asked anew after an order: those of every path that begins as one of `paths`. */
export function useOutdate(): (...paths: string[]) => Promise<void> {
  const queries = useQueryClient();
  return useCallback(
    (...paths) =>
      queries.invalidateQueries({
        predicate: ({ queryKey: [, asked] }) =>
          paths.some((path) => typeof asked === "string" && asked.startsWith(path)),
      }),
    [queries],
  );
}
