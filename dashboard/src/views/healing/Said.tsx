import { useTranslation } from "react-i18next";
import { said } from "./sentences";

/** A sentence of the engine in the language of the page, and where we have no words for it, as it was said. */
export function Said({ text }: { text: string | null | undefined }) {
  const { t } = useTranslation("healing");
  if (!text) return null;
  const known = said(text, t);
  return known ? <span>{known}</span> : <span lang="en">{text}</span>;
}
