import { Modal, TextArea, TextInput } from "@carbon/react";
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { createPortal } from "react-dom";
import { useTranslation } from "react-i18next";
import { Trouble } from "@/api/client";
import { person, token, useKept } from "@/api/kept";
import { Note } from "./Note";

interface Props {
  title: string;
  /** What the button says that gives the order. */
  verb: string;
  danger?: boolean;
  /** Further fields, and what the order means. */
  children?: ReactNode;
  /** Gives the order; what it throws is shown and the dialog stays. */
  give: (said: { by?: string; reason: string }) => Promise<unknown>;
  close: () => void;
}

/** The dialog in which an operator orders something, with a name and a reason. */
export function Order({ title, verb, danger = false, children, give, close }: Props) {
  const { t } = useTranslation();
  const name = useKept(person);
  const signed = useKept(token) !== "";
  const [reason, setReason] = useState("");
  const order = useMutation({
    mutationFn: () => give(signed ? { reason } : { by: name, reason }),
    onSuccess: close,
  });
  const ready = reason.trim() !== "" && (signed || name.trim() !== "");
  return createPortal(
    <Modal
      open
      size="sm"
      danger={danger}
      modalHeading={title}
      primaryButtonText={verb}
      secondaryButtonText={t("order.cancel")}
      primaryButtonDisabled={!ready || order.isPending}
      onRequestSubmit={() => order.mutate()}
      onRequestClose={close}
      selectorPrimaryFocus=".order__reason"
    >
      <div className="order">
        {children}
        <TextArea
          className="order__reason"
          id="order-reason"
          labelText={t("order.reason")}
          helperText={t("order.reasonAbout")}
          value={reason}
          rows={2}
          onChange={(event) => setReason(event.target.value)}
        />
        {!signed && (
          <TextInput
            id="order-by"
            labelText={t("order.by")}
            helperText={t("order.byAbout")}
            value={name}
            onChange={(event) => person.set(event.target.value)}
          />
        )}
        {order.isError && <Note kind="error" title={t("order.refused")} about={said(order.error)} />}
      </div>
    </Modal>,
    document.body,
  );
}

function said(error: unknown): string {
  return error instanceof Trouble ? (error.detail ?? error.message) : String(error);
}
