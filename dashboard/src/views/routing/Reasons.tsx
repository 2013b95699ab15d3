import { useTranslation } from "react-i18next";
import { type Decision, reasonsOf } from "./reason";
import { constraint, sentence } from "./sentence";

interface Props {
  of: Pick<Decision, "reasons" | "why">;
  /** Only what was done to these channels, and why. */
  only?: string[];
}

/** Why a decision is as it is, a sentence each; in the engine's own words where we have none. */
export function Reasons({ of, only }: Props) {
  const { t } = useTranslation("routing");
  const { reasons, binding } = reasonsOf(of);
  const meant = reasons.filter(({ name, told }) => !only || (name !== "spared" && only.includes(String(told.channel))));
  const told = meant.map((reason) => sentence(reason, t));
  const limits = only ? [] : binding.map((it) => constraint(it, t));
  if (reasons.length === 0 || told.includes(undefined) || limits.includes(undefined)) {
    return of.why ? (
      <p className="reasons" lang="en">
        {of.why}
      </p>
    ) : null;
  }
  return (
    <ul className="reasons">
      {told.map((text) => (
        <li key={text}>{text}</li>
      ))}
      {limits.length > 0 && <li>{t("holdsBack", { what: limits.join("; ") })}</li>}
    </ul>
  );
}
