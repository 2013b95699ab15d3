import { Button } from "@carbon/react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Body } from "@/api/client";
import { http } from "@/api/client";
import { useOutdate } from "@/api/useOutdate";
import { Empty } from "@/parts/Empty";
import { Order } from "@/parts/Order";
import { Section } from "@/parts/Section";
import { Entry } from "./Entry";
import { EntryForm } from "./EntryForm";
import type { Detail } from "./incident";

export type Known = Body<"EntryBody">;

/** What operators know of this kind of trouble: read, write, correct, remove. */
export function Knowledge({ of }: { of: Detail }) {
  const { t } = useTranslation("incidents");
  const outdate = useOutdate();
  const [writing, setWriting] = useState<Known | "new">();
  const [removing, setRemoving] = useState<Known>();
  const add = (
    <Button kind="tertiary" size="sm" onClick={() => setWriting("new")}>
      {t("knowledge.write")}
    </Button>
  );
  return (
    <Section title={t("knowledge.title")} about={t("knowledge.about")} tools={add}>
      {of.knowledge.length === 0 && <Empty title={t("knowledge.none")}>{t("knowledge.noneAbout")}</Empty>}
      {of.knowledge.map((entry) => (
        <Entry key={entry.id} of={entry} edit={() => setWriting(entry)} remove={() => setRemoving(entry)} />
      ))}
      {writing && (
        <EntryForm
          fingerprint={of.fingerprint}
          old={writing === "new" ? undefined : writing}
          close={() => setWriting(undefined)}
        />
      )}
      {removing && (
        <Order
          title={t("knowledge.remove")}
          verb={t("knowledge.remove")}
          danger
          reasoned={false}
          give={async () => {
            await http.DELETE("/v1/knowledge/{id}", { params: { path: { id: removing.id } } });
            await outdate("/v1/incidents", "/v1/knowledge");
          }}
          close={() => setRemoving(undefined)}
        >
          <p>{t("knowledge.removeAbout", { title: removing.title })}</p>
        </Order>
      )}
    </Section>
  );
}
