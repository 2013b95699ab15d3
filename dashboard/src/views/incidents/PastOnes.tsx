import { Button } from "@carbon/react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { Ask } from "@/parts/Ask";
import { Empty } from "@/parts/Empty";
import { Section } from "@/parts/Section";
import { IncidentTable } from "./IncidentTable";
import { A_PAGE, type Wanted } from "./wanted";

/** What is over, page by page, the newest first. */
export function PastOnes({ wanted }: { wanted: Wanted }) {
  const { t } = useTranslation("incidents");
  // Where each page up to this one begins; a page knows only the next one.
  const [cursors, setCursors] = useState<string[]>([]);
  const cursor = cursors.at(-1);
  const query = { ...wanted, state: "over", limit: A_PAGE, ...(cursor && { cursor }) };
  const page = api.useQuery("get", "/v1/incidents", { params: { query } });
  return (
    <Section title={t("pastOnes")}>
      <Ask of={page}>
        {({ incidents, next }) =>
          incidents.length > 0 ? (
            <>
              <IncidentTable label={t("pastOnes")} incidents={incidents} />
              {(next || cursors.length > 0) && (
                <nav className="paging" aria-label={t("pages")}>
                  <Button
                    kind="ghost"
                    size="sm"
                    disabled={cursors.length === 0}
                    onClick={() => setCursors(cursors.slice(0, -1))}
                  >
                    {t("newer")}
                  </Button>
                  <span className="muted">{t("page", { number: cursors.length + 1 })}</span>
                  <Button
                    kind="ghost"
                    size="sm"
                    disabled={!next}
                    onClick={() => next && setCursors([...cursors, next])}
                  >
                    {t("older")}
                  </Button>
                </nav>
              )}
            </>
          ) : (
            <Empty title={t("nonePast")}>{t("nonePastAbout")}</Empty>
          )
        }
      </Ask>
    </Section>
  );
}
