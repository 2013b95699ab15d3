import { useTranslation } from "react-i18next";
import { Go } from "@/parts/Go";
import { Reasons } from "@/views/routing/Reasons";
import type { Decision } from "@/views/routing/reason";
import { routingPane } from "@/views/routing/subject";

/** What a decision did to channels, leading to its replay. */
export function DecisionLine({ of, channels }: { of: Decision; channels: string[] }) {
  const { t } = useTranslation("incidents");
  return (
    <div>
      <Go to={routingPane(of.class, of.generation)}>{t("decision", { class: of.class, generation: of.generation })}</Go>
      <Reasons of={of} only={channels} />
    </div>
  );
}
