import { Modal, PasswordInput } from "@carbon/react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, Trouble } from "@/api/client";
import { token, useKept } from "@/api/kept";

/** Asks for a token where the server does. */
export function Token() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const presented = useKept(token);
  const [typed, setTyped] = useState("");
  // The cheapest question that needs a reader tells whether we are let in.
  const asked = api.useQuery("get", "/v1/channels");
  const refused = asked.error instanceof Trouble && (asked.error as Trouble).status === 401;
  if (!refused) return null;
  const enter = () => {
    token.set(typed.trim());
    void queries.invalidateQueries();
  };
  return (
    <Modal
      open
      size="xs"
      modalHeading={t("token.title")}
      primaryButtonText={t("token.enter")}
      primaryButtonDisabled={typed.trim() === ""}
      onRequestSubmit={enter}
      preventCloseOnClickOutside
      selectorPrimaryFocus="#token"
    >
      <p className="order__about">{t("token.about")}</p>
      <PasswordInput
        id="token"
        labelText={t("token.label")}
        value={typed}
        invalid={presented !== ""}
        invalidText={t("token.wrong")}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && typed.trim() !== "") enter();
        }}
      />
    </Modal>
  );
}
