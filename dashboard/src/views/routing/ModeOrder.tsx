import { useState } from "react";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useOutdate } from "@/api/useOutdate";
import { Choice } from "@/parts/Choice";
import { Order } from "@/parts/Order";
import { term } from "@/words/term";

const MODES = ["observe", "advise", "approve", "auto"];
const ALL = "";

interface Props {
  route: string;
  now: string | undefined;
  close: () => void;
}

/** The dialog in which the mode of a class, or of all, is set. */
export function ModeOrder({ route, now, close }: Props) {
  const { t } = useTranslation("routing");
  const outdate = useOutdate();
  const [mode, setMode] = useState(now ?? "advise");
  const [of, setOf] = useState(route);
  return (
    <Order
      title={t("changeMode")}
      verb={t("changeMode")}
      danger={mode === "auto"}
      give={async (said) => {
        await http.POST("/v1/mode", { body: { ...said, mode, ...(of !== ALL && { class: of }) } });
        await outdate("/v1/mode", "/v1/routes");
      }}
      close={close}
    >
      <Choice
        label={t("mode")}
        value={mode}
        choose={setMode}
        options={MODES.map((it): [string, string] => [it, term("modes", it)])}
      />
      <p className="muted">{term("modesAbout", mode)}</p>
      <Choice
        label={t("modeOf")}
        value={of}
        choose={setOf}
        options={[
          [route, route],
          [ALL, t("allClasses")],
        ]}
      />
    </Order>
  );
}
