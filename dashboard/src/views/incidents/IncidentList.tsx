import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { Choice } from "@/parts/Choice";
import { asQuery } from "@/place/span";
import { usePlace } from "@/place/usePlace";
import { Counts } from "./Counts";
import { SEVERITIES } from "./incident";
import { OpenOnes } from "./OpenOnes";
import { PastOnes } from "./PastOnes";
import { Silences } from "./Silences";

const ANY = "";

/** The incidents of the span: what is open first, then what is over. */
export function IncidentList() {
  const { t } = useTranslation("incidents");
  const { span } = usePlace();
  const [state, setState] = useState(ANY);
  const [severity, setSeverity] = useState(ANY);
  const [channel, setChannel] = useState(ANY);
  const channels = api.useQuery("get", "/v1/channels");
  const names = channels.data?.channels.map((it) => it.channel) ?? [];
  const wanted = { ...asQuery(span), ...(severity && { severity }), ...(channel && { channel }) };
  return (
    <div className="incidents">
      <Counts wanted={wanted} />
      <div className="filters" role="group" aria-label={t("filters")}>
        <Choice
          label={t("state")}
          value={state}
          choose={setState}
          options={[
            [ANY, t("all")],
            ["open", t("open")],
            ["over", t("over")],
          ]}
        />
        <Choice
          label={t("severity")}
          value={severity}
          choose={setSeverity}
          options={[[ANY, t("all")], ...SEVERITIES.map((it): [string, string] => [it, it])]}
        />
        <Choice
          label={t("channel")}
          value={channel}
          choose={setChannel}
          options={[[ANY, t("all")], ...names.map((it): [string, string] => [it, it])]}
        />
      </div>
      {state !== "over" && <OpenOnes wanted={wanted} />}
      {state !== "open" && <PastOnes key={JSON.stringify(wanted)} wanted={wanted} />}
      <Silences />
    </div>
  );
}
