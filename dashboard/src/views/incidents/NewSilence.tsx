import { TextArea } from "@carbon/react";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useOutdate } from "@/api/useOutdate";
import { Order } from "@/parts/Order";
import { Length, USUAL_LENGTH } from "./Length";
import { readLabels } from "./labels";

/** The dialog that silences everything with certain labels. */
export function NewSilence({ close }: { close: () => void }) {
  const { t } = useTranslation("incidents");
  const outdate = useOutdate();
  const [text, setText] = useState("");
  const [length, setLength] = useState(USUAL_LENGTH);
  const matching = readLabels(text);
  return (
    <Order
      title={t("silences.add")}
      verb={t("silences.add")}
      ready={matching !== undefined}
      give={async (said) => {
        // The description calls labels an object and no more.
        const body = { ...said, for: length, matching: matching as Record<string, never> };
        await http.POST("/v1/silences", { body });
        await outdate("/v1/silences", "/v1/alerts");
      }}
      close={close}
    >
      <TextArea
        id={useId()}
        rows={2}
        labelText={t("silences.matching")}
        helperText={t("silences.matchingAbout")}
        value={text}
        invalid={text.trim() !== "" && !matching}
        invalidText={t("silences.matchingWrong")}
        onChange={(event) => setText(event.target.value)}
      />
      <Length value={length} choose={setLength} />
    </Order>
  );
}
