import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { Ask } from "@/parts/Ask";
import { Empty } from "@/parts/Empty";
import type { ViewProps } from "@/views/views";
import { HealingRibbon } from "./HealingRibbon";
import { Log } from "./Log";
import { Playbooks } from "./Playbooks";
import { Running } from "./Running";

/** Healing: what playbooks do now, what each is worth, and what was done; the subject is a run. */
export default function Healing({ subject }: ViewProps) {
  const { t } = useTranslation("healing");
  const playbooks = api.useQuery("get", "/v1/playbooks");
  return (
    <Ask of={playbooks} lines={8}>
      {(answer) =>
        answer.playbooks.length > 0 ? (
          <>
            <HealingRibbon of={answer} />
            <Running of={answer} />
            <Playbooks of={answer} />
            <Log run={subject} />
          </>
        ) : (
          <Empty title={t("none")}>{t("noneAbout")}</Empty>
        )
      }
    </Ask>
  );
}
