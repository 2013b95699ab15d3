import { Button } from "@carbon/react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useOutdate } from "@/api/useOutdate";
import { Order } from "@/parts/Order";
import { instant } from "@/time/format";
import { useNow } from "@/time/useNow";
import type { Incident } from "./incident";
import { Length, USUAL_LENGTH } from "./Length";

type Name = "acknowledge" | "silence" | "unsilence" | "annotate" | "mitigate" | "close";

/** What people can do about an open incident, or about all open ones of a group. */
export function Orders({ of }: { of: Incident }) {
  const { t } = useTranslation("incidents");
  const now = useNow();
  const outdate = useOutdate();
  const [order, setOrder] = useState<Name>();
  const [length, setLength] = useState(USUAL_LENGTH);
  const silent = of.silent_until && instant(of.silent_until) > now;
  const names: Name[] = ["acknowledge", silent ? "unsilence" : "silence", "annotate", "mitigate", "close"];
  const sensible = names.filter(
    (name) => !(name === "acknowledge" && of.acknowledged) && !(name === "mitigate" && of.mitigated),
  );
  return (
    <div className="orders" role="group" aria-label={t("orders.title")}>
      {sensible.map((name) => (
        <Button
          key={name}
          size="sm"
          kind={name === "acknowledge" ? "primary" : name === "close" ? "danger--ghost" : "tertiary"}
          onClick={() => setOrder(name)}
        >
          {t(`orders.${name}`)}
        </Button>
      ))}
      {order && (
        <Order
          title={t(`orders.${order}`)}
          verb={t(`orders.${order}`)}
          danger={order === "close"}
          give={async (said) => {
            const body = order === "silence" ? { ...said, for: length } : said;
            await http.POST("/v1/incidents/{id}/{order}", { params: { path: { id: of.id, order } }, body });
            await outdate("/v1/incidents");
          }}
          close={() => setOrder(undefined)}
        >
          <p className="muted">{t(`ordersAbout.${order}`)}</p>
          {order === "silence" && <Length value={length} choose={setLength} />}
        </Order>
      )}
    </div>
  );
}
