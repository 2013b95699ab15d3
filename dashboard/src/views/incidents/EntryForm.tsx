import { TextArea, TextInput } from "@carbon/react";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useOutdate } from "@/api/useOutdate";
import { Order } from "@/parts/Order";
import type { Known } from "./Knowledge";

interface Props {
  fingerprint: string;
  /** What is corrected; a new entry without. */
  old?: Known | undefined;
  close: () => void;
}

/** The dialog in which cause and cure of a kind of trouble are written down. */
export function EntryForm({ fingerprint, old, close }: Props) {
  const { t } = useTranslation("incidents");
  const id = useId();
  const outdate = useOutdate();
  const [draft, setDraft] = useState({ title: old?.title ?? "", cause: old?.cause ?? "", fix: old?.fix ?? "" });
  const change = (part: Partial<typeof draft>) => setDraft({ ...draft, ...part });
  return (
    <Order
      title={old ? t("knowledge.edit") : t("knowledge.write")}
      verb={t("knowledge.save")}
      reasoned={false}
      named
      ready={Object.values(draft).every((text) => text.trim() !== "")}
      give={async ({ by = "" }) => {
        const body = { ...draft, fingerprint, by };
        if (old) await http.PUT("/v1/knowledge/{id}", { params: { path: { id: old.id } }, body });
        else await http.POST("/v1/knowledge", { body });
        await outdate("/v1/incidents", "/v1/knowledge");
      }}
      close={close}
    >
      <TextInput
        id={`${id}-title`}
        labelText={t("knowledge.heading")}
        value={draft.title}
        onChange={(event) => change({ title: event.target.value })}
      />
      <TextArea
        id={`${id}-cause`}
        rows={3}
        labelText={t("knowledge.cause")}
        value={draft.cause}
        onChange={(event) => change({ cause: event.target.value })}
      />
      <TextArea
        id={`${id}-fix`}
        rows={3}
        labelText={t("knowledge.fix")}
        value={draft.fix}
        onChange={(event) => change({ fix: event.target.value })}
      />
    </Order>
  );
}
