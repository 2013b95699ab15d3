import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { language } from "@/api/kept";
import { en } from "./en";
import { ko } from "./ko";

/** The languages of the pages. */
export type Language = "en" | "ko";

/** What was chosen before, else what the browser asks for, else English. */
function preferred(): Language {
  const chosen = language.get() || navigator.language;
  return chosen.startsWith("ko") ? "ko" : "en";
}

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "shell";
    resources: typeof en;
  }
}

void i18next.use(initReactI18next).init({
  lng: preferred(),
  fallbackLng: "en",
  resources: { en, ko },
  defaultNS: "shell",
  interpolation: { escapeValue: false },
});

function tellDocument(tag: string): void {
  document.documentElement.lang = tag;
}
tellDocument(i18next.language);
i18next.on("languageChanged", tellDocument);

/** Changes the language, and remembers it. */
export function speak(tag: Language): void {
  language.set(tag);
  void i18next.changeLanguage(tag);
}

/** The other language. */
export function otherLanguage(): Language {
  return i18next.language === "ko" ? "en" : "ko";
}
