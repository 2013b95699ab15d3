import { Button } from "@carbon/react";
import { useTranslation } from "react-i18next";
import { save } from "@/parts/save";

/** The report of the allocation in the server's own words, to read or to take along. */
export function Told({ text, at }: { text: string; at: string }) {
  const { t } = useTranslation("work");
  const file = `allocation-${at.slice(0, 10)}.md`;
  return (
    <details className="work__told">
      <summary>{t("shares.text")}</summary>
      <Button size="sm" kind="ghost" onClick={() => save(file, "text/markdown", text)}>
        {t("shares.save")}
      </Button>
      <section className="work__text" lang="en" tabIndex={0} aria-label={t("shares.text")}>
        {text}
      </section>
    </details>
  );
}
