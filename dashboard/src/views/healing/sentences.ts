import type { TFunction } from "i18next";
import { term } from "@/words/term";

/** What the engine says of runs and tries in English sentences, and where the words for each are. */
const FIXED: Record<string, Fixed> = {
  "the fast lane shut it": "shut",
  "all steps went well": "well",
  "it may not act on this channel any more": "forbidden",
  "nobody approved it in time": "unapproved",
  "nothing was heard of it in time": "unheard",
  "it holds": "holds",
  "interrupted, and found to be done": "foundDone",
  "interrupted; nobody knows whether it was done": "interrupted",
  "calls are kept away": "drained",
  "it is given back to the planner": "restored",
  delivered: "delivered",
};
type Fixed =
  | "shut"
  | "well"
  | "forbidden"
  | "unapproved"
  | "unheard"
  | "holds"
  | "foundDone"
  | "interrupted"
  | "drained"
  | "restored"
  | "delivered";

/** A sentence of the engine in the language of the page; `undefined` if it is none of those that it is known to say. */
export function said(text: string, t: TFunction<"healing">): string | undefined {
  const fixed = FIXED[text];
  if (fixed) return t(`sentences.${fixed}`);
  const incident = /^an incident of (\w+) of severity (P\d) is open$/.exec(text);
  if (incident) {
    const [, kind = "", severity = ""] = incident;
    return t("sentences.incident", { kind: term("kinds", kind), severity });
  }
  const risk = /^the risk of breaking a promise is ([\d.]+), ([\d.]+) or more is acted upon$/.exec(text);
  if (risk) return t("sentences.risk", { risk: risk[1] ?? "", limit: risk[2] ?? "" });
  const late = /^it did not hold within (\d+) s$/.exec(text);
  return late ? t("sentences.late", { seconds: late[1] ?? "" }) : undefined;
}
