import { useTranslation } from "react-i18next";
import { type Body, http } from "@/api/client";
import { useOutdate } from "@/api/useOutdate";
import { Order } from "@/parts/Order";

export type Answer = "approve" | "reject";

interface Props {
  answer: Answer;
  run: Body<"RunBody">;
  playbook: string;
  close: () => void;
}

/** The dialog that says yes or no to a run. */
export function RunOrder({ answer, run, playbook, close }: Props) {
  const { t } = useTranslation("healing");
  const outdate = useOutdate();
  return (
    <Order
      title={t(`${answer}Title`, { playbook, channel: run.channel })}
      verb={t(answer)}
      danger={answer === "reject"}
      give={async (body) => {
        await http.POST(`/v1/actions/{run}/${answer}`, { params: { path: { run: run.run } }, body });
        await outdate("/v1/playbooks", "/v1/actions");
      }}
      close={close}
    >
      <p className="muted">{t(`${answer}About`)}</p>
    </Order>
  );
}
