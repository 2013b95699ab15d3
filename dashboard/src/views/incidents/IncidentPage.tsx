import { api } from "@/api/client";
import { Ask } from "@/parts/Ask";
import { Done } from "./Done";
import { Evidence } from "./Evidence";
import { IncidentHead } from "./IncidentHead";
import { Knowledge } from "./Knowledge";
import { Members } from "./Members";
import { Similar } from "./Similar";
import { Timeline } from "./Timeline";

/** All that is known of one incident: what is seen on one side, what happened and what is known on the other. */
export function IncidentPage({ id }: { id: string }) {
  const incident = api.useQuery("get", "/v1/incidents/{id}", { params: { path: { id } } });
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
