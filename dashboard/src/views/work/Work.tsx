import { useTranslation } from "react-i18next";
import { api, isAbsent } from "@/api/client";
import { Ask } from "@/parts/Ask";
import { Empty } from "@/parts/Empty";
import type { ViewProps } from "../views";
import { ClassChoice } from "./ClassChoice";
import { Curves } from "./Curves";
import { chosenClass, classesOf } from "./kinds";
import { LastJobs } from "./LastJobs";
import { Scores } from "./Scores";
import { Shares } from "./Shares";
import { Summary } from "./Summary";
import { Tokens } from "./Tokens";

/** The configuration that makes the view come alive. */
const EXAMPLE = `[[work]]
class = "code"
static = "gpt-large"
enough = { L1 = 0.7, L2 = 0.8, L3 = 0.87, L4 = 0.93 }
[[work.model]]
name = "gpt-large"
[[work.model]]
name = "gpt-mini"
usd_per_job = 0.01`;

/** Which model does which work, what is known of each, and how that came along. The subject is a class. */
export default function Work({ subject, pane }: ViewProps) {
  const { t } = useTranslation("work");
  const allocation = api.useQuery("get", "/v1/work/allocation");
  if (isAbsent(allocation))
    return (
      <Empty title={t("none")}>
        {t("noneAbout")}
        <code className="empty__example">{EXAMPLE}</code>
      </Empty>
    );
  return (
    <Ask of={allocation} lines={12}>
      {(told) => {
        const classes = classesOf(told.kinds);
        const name = chosenClass(classes, subject) ?? "";
        return (
          <>
            <Summary allocation={told} />
            <ClassChoice classes={classes} chosen={name} pane={pane} />
            <Shares allocation={told} name={name} />
            <Scores kinds={told.kinds} name={name} />
            <Curves name={name} />
            <Tokens />
            <LastJobs />
          </>
        );
      }}
    </Ask>
  );
}
