import { useTranslation } from "react-i18next";
import { api, Trouble } from "@/api/client";
import { Ask } from "@/parts/Ask";
import { Empty } from "@/parts/Empty";
import { Go } from "@/parts/Go";
import { Done } from "./Done";
import { Evidence } from "./Evidence";
import { IncidentHead } from "./IncidentHead";
import { Knowledge } from "./Knowledge";
import { Members } from "./Members";
import { Similar } from "./Similar";
import { Timeline } from "./Timeline";

/** All that is known of one incident: what is seen on one side, what happened and what is known on the other. */
export function IncidentPage({ id }: { id: string }) {
  const { t } = useTranslation("incidents");
  const incident = api.useQuery("get", "/v1/incidents/{id}", { params: { path: { id } } });
  if (incident.error instanceof Trouble && incident.error.status === 404) {
    return (
      <Empty title={t("gone")}>
        {t("goneAbout")} <Go to={{ view: "incidents" }}>{t("back")}</Go>
      </Empty>
    );
  }
  return (
    <Ask of={incident} lines={10}>
      {(detail) => (
        <>
          <IncidentHead of={detail} />
          <div className="columns">
            <div>
              <Evidence of={detail} />
              <Members of={detail} />
              <Done of={detail} />
            </div>
            <div>
              <Timeline of={detail} />
              <Knowledge of={detail} />
              <Similar of={detail} />
            </div>
          </div>
        </>
      )}
    </Ask>
  );
}
