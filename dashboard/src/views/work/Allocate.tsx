import { Modal } from "@carbon/react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { createPortal } from "react-dom";
import { useTranslation } from "react-i18next";
import { http, inWords } from "@/api/client";
import { Note } from "@/parts/Note";
import { clock, instant } from "@/time/format";

/** Asks whether the work shall be shared out now. The order takes no name and no reason, so none is asked for. */
export function Allocate({ since, close }: { since: string; close: () => void }) {
  const { t } = useTranslation("work");
  const { t: say } = useTranslation();
  const queries = useQueryClient();
  const order = useMutation({
    mutationFn: () => http.POST("/v1/work/allocate"),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ["get", "/v1/work/allocation"] });
      close();
    },
  });
  return createPortal(
    <Modal
      open
      size="sm"
      modalHeading={t("allocate.title")}
      primaryButtonText={t("allocate.verb")}
      secondaryButtonText={say("order.cancel")}
      primaryButtonDisabled={order.isPending}
      onRequestSubmit={() => order.mutate()}
      onRequestClose={close}
    >
      <p className="order__about">{t("allocate.about", { when: clock(instant(since)) })}</p>
      {order.isError && <Note kind="error" title={say("order.refused")} about={inWords(order.error)} />}
    </Modal>,
    document.body,
  );
}
