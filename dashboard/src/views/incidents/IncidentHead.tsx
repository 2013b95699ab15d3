import { Launch } from "@carbon/icons-react";
import { useTranslation } from "react-i18next";
import { Figure, Ribbon } from "@/parts/Figure";
import { Go } from "@/parts/Go";
import { Severity } from "@/parts/Severity";
import { duration } from "@/time/format";
import { useNow } from "@/time/useNow";
import { When } from "@/time/When";
import { term } from "@/words/term";
import { type Detail, lasted, scopeOf } from "./incident";
import { Orders } from "./Orders";
import { Standing } from "./Standing";

/** What it is, how it stands, how long everything took, and what can be done about it. */
export function IncidentHead({ of }: { of: Detail }) {
  const { t } = useTranslation("incidents");
  const now = useNow();
  const { took } = of;
  return (
    <>
      <p className="back">
        <Go to={{ view: "incidents" }}>{t("back")}</Go>
      </p>
      <div className="incident__head">
        <div>
          <h3 className="incident__title">
            {/* The tag reads as a word of the title. */}
            <Severity of={of.severity} /> {term("kinds", of.kind)} ·{" "}
            {of.channel ? (
              <Go to={{ view: "channel", subject: of.channel }}>{of.channel}</Go>
            ) : (
              <span>{t("groupOf", { scope: scopeOf(of), count: of.members?.length ?? 0 })}</span>
            )}
          </h3>
          <p className="incident__about">
            <Standing of={of} />
            <span>
              {t("firstSign")} <When at={of.first_sign} />
            </span>
            {of.worst !== of.severity && <span>{t("worst", { severity: of.worst })}</span>}
            {of.silent_until && of.state === "open" && (
              <span>
                {t("silentUntil")} <When at={of.silent_until} />
              </span>
            )}
            {of.recurrences > 0 && <span>{t("recurrences", { count: of.recurrences })}</span>}
            {of.flaps > 0 && <span>{t("flaps", { count: of.flaps })}</span>}
            {of.group && (
              <span>
                {t("partOf")} <Go to={{ view: "incidents", subject: of.group }}>{of.group}</Go>
              </span>
            )}
            {of.runbook && (
              <a className="cds--link" href={of.runbook} target="_blank" rel="noreferrer">
                {t("runbook")} <Launch aria-hidden />
              </a>
            )}
          </p>
        </div>
        {of.state === "open" && <Orders of={of} />}
      </div>
      <Ribbon label={t("took")}>
        <Figure label={t("toDetect")} value={duration(took.to_detect_s)} about={t("fromFirstSign")} />
        <Figure label={t("toAcknowledge")} value={duration(took.to_acknowledge_s)} about={t("fromDetection")} />
        <Figure label={t("toMitigate")} value={duration(took.to_mitigate_s)} about={t("fromFirstSign")} />
        <Figure
          label={of.state === "open" ? t("lastsSoFar") : t("toResolve")}
          value={duration(took.to_resolve_s ?? lasted(of, now))}
          about={t("fromFirstSign")}
        />
      </Ribbon>
    </>
  );
}
