import { Theme } from "@carbon/react";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useEffect } from "react";
import { Trouble } from "./api/client";
import { token, useKept } from "./api/kept";
import { follow } from "./api/stream";
import { Frame } from "./shell/Frame";
import { useTheme } from "./shell/useTheme";

/** What the stream does not tell of is asked again this often. */
const REFRESH_MS = 60_000;

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // The stream says when an answer is old.
      staleTime: REFRESH_MS,
      refetchInterval: ({ state }) => (state.error ? 5_000 : REFRESH_MS),
      retry: (failures, error) =>
        failures < 2 && !(error instanceof Trouble && error.status >= 400 && error.status < 500),
    },
  },
});

/** The dashboard: one page over the public interface. */
export function App() {
  const theme = useTheme();
  const presented = useKept(token);
  // biome-ignore lint/correctness/useExhaustiveDependencies: with another token everything is heard anew
  useEffect(() => {
    const ending = new AbortController();
    void queries.invalidateQueries();
    void follow(queries, ending.signal);
    return () => ending.abort();
  }, [presented]);
  useEffect(() => {
    document.body.className = `cds--${theme}`;
  }, [theme]);
  return (
    <QueryClientProvider client={queries}>
      <Theme theme={theme} className="page">
        <Frame />
      </Theme>
    </QueryClientProvider>
  );
}
