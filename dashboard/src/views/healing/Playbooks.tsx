import { useTranslation } from "react-i18next";
import type { Body } from "@/api/client";
import { Section } from "@/parts/Section";
import { PlaybookCard } from "./PlaybookCard";

/** Every playbook, with what it does and what came of it. */
export function Playbooks({ of }: { of: Body<"Playbooks"> }) {
  const { t } = useTranslation("healing");
  return (
    <Section title={t("playbooks")} about={t("playbooksAbout")}>
      <div className="playbooks">
        {of.playbooks.map((playbook) => (
          <PlaybookCard key={playbook.name} of={playbook} />
        ))}
      </div>
    </Section>
  );
}
