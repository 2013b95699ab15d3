import { Modal, TextArea, TextInput } from "@carbon/react";
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { createPortal } from "react-dom";
import { useTranslation } from "react-i18next";
import { inWords } from "@/api/client";
import { person, token, useKept } from "@/api/kept";
import { Note } from "./Note";

interface Props {
  title: string;
  /** What the button says that gives the order. */
  verb: string;
  danger?: boolean;
  /** Further fields, and what the order means. */
  children?: ReactNode;
  /** Whether the further fields are filled in. */
  ready?: boolean;
  /** Whether it takes a reason. */
  reasoned?: boolean;
  /** Whether a name is asked for even where a token names people: it is part of what is written. */
  named?: boolean;
  /** Gives the order; what it throws is shown and the dialog stays. */
  give: (said: { by?: string; reason: string }) => Promise<unknown>;
  close: () => void;
}

/** The dialog in which an operator orders something, with a name and a reason. */
export function Order(props: Props) {
  const { title, verb, danger = false, children, ready = true, reasoned = true, named = false, give, close } = props;
  const { t } = useTranslation();
  const name = useKept(person);
  const signed = useKept(token) !== "";
  const asksName = named || !signed;
  const [reason, setReason] = useState("");
  const order = useMutation({
    mutationFn: () => give(asksName ? { by: name, reason } : { reason }),
    onSuccess: close,
  });
  const complete = ready && (!reasoned || reason.trim() !== "") && (!asksName || name.trim() !== "");
  return createPortal(
    <Modal
      open
      size="sm"
      danger={danger}
      modalHeading={title}
      primaryButtonText={verb}
      secondaryButtonText={t("order.cancel")}
      primaryButtonDisabled={!complete || order.isPending}
      onRequestSubmit={() => order.mutate()}
      onRequestClose={close}
      selectorPrimaryFocus=".order :is(input, select, textarea)"
    >
      <div className="order">
        {children}
        {reasoned && (
          <TextArea
            id="order-reason"
            labelText={t("order.reason")}
            helperText={t("order.reasonAbout")}
            value={reason}
            rows={2}
            onChange={(event) => setReason(event.target.value)}
          />
        )}
        {asksName && (
          <TextInput
            id="order-by"
            labelText={t("order.by")}
            helperText={t("order.byAbout")}
            value={name}
            onChange={(event) => person.set(event.target.value)}
          />
        )}
        {order.isError && <Note kind="error" title={t("order.refused")} about={inWords(order.error)} />}
      </div>
    </Modal>,
    document.body,
  );
}
