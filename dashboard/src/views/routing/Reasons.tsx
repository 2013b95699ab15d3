import { useTranslation } from "react-i18next";
import { type Decision, reasonsOf } from "./reason";
import { constraint, sentence } from "./sentence";

/** Why a decision is as it is, a sentence each; in the engine's own words where we have none. `quiet` leaves out what did not change. */
export function Reasons({ of, quiet = false }: { of: Pick<Decision, "reasons" | "why">; quiet?: boolean }) {
  const { t } = useTranslation("routing");
  const { reasons, binding } = reasonsOf(of);
  const told = reasons.filter(({ name }) => !quiet || name !== "spared").map((reason) => sentence(reason, t));
  const limits = binding.map((it) => constraint(it, t));
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
