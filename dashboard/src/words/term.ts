import i18next from "i18next";
import type { en } from "./en";

const say = i18next.t as (key: string, options: { ns: string; defaultValue: string }) => string;

/** The word for a name of the interface, such as a column or a kind; the name itself where there is no word. */
export function term(group: keyof typeof en.terms, name: string): string {
  return say(`${group}.${name}`, { ns: "terms", defaultValue: name });
}
