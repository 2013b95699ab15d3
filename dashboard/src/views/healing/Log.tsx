import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { Ask } from "@/parts/Ask";
import { Empty } from "@/parts/Empty";
import { Note } from "@/parts/Note";
import { Section } from "@/parts/Section";
import { asQuery } from "@/place/span";
import { usePlace } from "@/place/usePlace";
import { LogRun } from "./LogRun";
import { byRun } from "./runs";

/** What playbooks did in the span, run by run; `run` is open from the start. */
export function Log({ run }: { run: string | undefined }) {
  const { t } = useTranslation("healing");
  const { span } = usePlace();
  const actions = api.useQuery("get", "/v1/actions", { params: { query: asQuery(span) } });
  return (
    <Section title={t("log")} about={t("logAbout")}>
      <Ask of={actions}>
        {(answer) => {
          const runs = byRun(answer.actions);
          return (
            <>
              {answer.truncated && <Note kind="info" title={t("truncated")} />}
              {runs.length === 0 && <Empty title={t("nothingDone")}>{t("nothingDoneAbout")}</Empty>}
              {runs.map((it) => (
                <LogRun key={it.run} of={it} chosen={it.run === run} />
              ))}
            </>
          );
        }}
      </Ask>
    </Section>
  );
}
