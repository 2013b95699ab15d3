import { Download } from "@carbon/icons-react";
import { Button } from "@carbon/react";
import { useTranslation } from "react-i18next";
import { inWords } from "@/api/client";
import { asText } from "@/api/text";
import { save } from "@/parts/save";
import { FORMS, type Form, fileOf, type Kind, pathOf } from "./edition";

interface Props {
  kind: Kind;
  day: string;
  language: string;
  /** Told why a report could not be had. */
  fail: (why: string | undefined) => void;
}

/** The report to keep, in each of its forms. Not plain links: these would go without the token. */
export function Take({ kind, day, language, fail }: Props) {
  const { t } = useTranslation("reports");
  const take = async (form: Form) => {
    fail(undefined);
    try {
      const text = await asText(pathOf(kind, day, language, form));
      save(fileOf(kind, day, form), FORMS[form].type, text);
    } catch (error) {
      fail(inWords(error));
    }
  };
  return (
    <div className="report__take">
      {(["html", "markdown", "json"] as const).map((form) => (
        <Button
          key={form}
          size="sm"
          kind="ghost"
          renderIcon={Download}
          aria-label={t("take", { form: t(`forms.${form}`) })}
          onClick={() => void take(form)}
        >
          {t(`forms.${form}`)}
        </Button>
      ))}
    </div>
  );
}
