import { Edit, TrashCan } from "@carbon/icons-react";
import { IconButton } from "@carbon/react";
import { useTranslation } from "react-i18next";
import { When } from "@/time/When";
import type { Known } from "./Knowledge";

/** What somebody wrote of a kind of trouble: cause and cure. */
export function Entry({ of, edit, remove }: { of: Known; edit: () => void; remove: () => void }) {
  const { t } = useTranslation("incidents");
  return (
    <article className="card">
      <header className="card__head">
        <h4>{of.title}</h4>
        <div className="card__tools">
          <IconButton size="sm" kind="ghost" align="bottom-right" label={t("knowledge.edit")} onClick={edit}>
            <Edit />
          </IconButton>
          <IconButton size="sm" kind="ghost" align="bottom-right" label={t("knowledge.remove")} onClick={remove}>
            <TrashCan />
          </IconButton>
        </div>
      </header>
      <dl className="facts">
        <dt>{t("knowledge.cause")}</dt>
        <dd className="prose">{of.cause}</dd>
        <dt>{t("knowledge.fix")}</dt>
        <dd className="prose">{of.fix}</dd>
      </dl>
      <p className="muted card__foot">
        {t("knowledge.by", { by: of.by })} <When at={of.updated} />
      </p>
    </article>
  );
}
