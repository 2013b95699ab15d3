import { useTranslation } from "react-i18next";
import { Section } from "@/parts/Section";
import { Severity } from "@/parts/Severity";
import { When } from "@/time/When";
import { term } from "@/words/term";
import type { Detail } from "./incident";

/** Everything that happened to an incident, in the order of time. */
export function Timeline({ of }: { of: Detail }) {
  const { t } = useTranslation("incidents");
  return (
    <Section title={t("timeline")}>
      <ol className="story">
        {of.timeline.map(({ at, revision, change, severity, blamed, note }, index) => {
          const before = of.timeline[index - 1];
          return (
            <li key={revision}>
              <When at={at} />
              <div>
                <strong>{term("changes", change)}</strong>
                {severity !== before?.severity && <Severity of={severity} />}
                {blamed.join() !== before?.blamed.join() && blamed.length > 0 && (
                  <p className="muted">{blamed.map((column) => term("columns", column)).join(" · ")}</p>
                )}
                {note && (
                  <p>
                    {note.text} <span className="muted">– {note.by}</span>
                  </p>
                )}
              </div>
            </li>
          );
        })}
      </ol>
    </Section>
  );
}
