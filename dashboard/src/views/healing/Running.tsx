import { useTranslation } from "react-i18next";
import type { Body } from "@/api/client";
import { Empty } from "@/parts/Empty";
import { Section } from "@/parts/Section";
import { RunCard } from "./RunCard";

/** The runs that are not over, those first that wait for people. */
export function Running({ of }: { of: Body<"Playbooks"> }) {
  const { t } = useTranslation("healing");
  const runs = of.playbooks.flatMap((playbook) => playbook.running.map((run) => ({ playbook, run })));
  const asking = (state: string) => (state === "asking" ? 0 : 1);
  runs.sort((one, other) => asking(one.run.state) - asking(other.run.state));
  return (
    <Section title={t("running")}>
      {runs.length === 0 && <Empty title={t("nothingRuns")}>{t("nothingRunsAbout")}</Empty>}
      {runs.map(({ playbook, run }) => (
        <RunCard key={run.run} run={run} playbook={playbook} />
      ))}
    </Section>
  );
}
