import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { named } from "@/api/shapes";
import { Ask } from "@/parts/Ask";
import { Figure, Ribbon } from "@/parts/Figure";
import { count } from "@/time/format";
import { term } from "@/words/term";
import { SEVERITIES } from "./incident";
import { ONE_PAGE, type Wanted } from "./wanted";

/** P4 breaks no promise. */
const TONES = { P1: "bad", P2: "bad", P3: "warn", P4: undefined } as const;

/** How many are open, by severity. */
export function Counts({ wanted }: { wanted: Wanted }) {
  const { t } = useTranslation("incidents");
  const page = api.useQuery("get", "/v1/incidents", {
    params: { query: { ...wanted, state: "open", limit: ONE_PAGE } },
  });
  return (
    <Ask of={page} lines={2}>
      {(answer) => {
        const open = named<number>(answer.open);
        return (
          <Ribbon label={t("openBySeverity")}>
            {SEVERITIES.map((severity) => (
              <Figure
                key={severity}
                label={severity}
                value={count(open[severity] ?? 0)}
                about={term("severities", severity)}
                tone={open[severity] ? TONES[severity] : undefined}
              />
            ))}
          </Ribbon>
        );
      }}
    </Ask>
  );
}
