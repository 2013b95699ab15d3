import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { isAbsent } from "@/api/client";
import { asText } from "@/api/text";
import { Ask } from "@/parts/Ask";
import { Empty } from "@/parts/Empty";
import { Note } from "@/parts/Note";
import { showing } from "@/place/place";
import { go } from "@/place/usePlace";
import type { ViewProps } from "../views";
import { dayOf, type Edition, parseEdition, pathOf, writeEdition } from "./edition";
import { Page } from "./Page";
import { Take } from "./Take";
import { Tools } from "./Tools";

/** What is over changes no more, or little. */
const SELDOM_MS = 300_000;

/** The configuration that has reports made and sent. */
const EXAMPLE = `[[report]]
kind = "daily"
cron = "0 8 * * *"
language = "en"
directory = "reports"`;

/** The daily and the fortnightly report, as they are sent. The subject is a kind and a day. */
export default function Reports({ subject, pane }: ViewProps) {
  const { t, i18n } = useTranslation("reports");
  const edition = parseEdition(subject);
  const [failure, setFailure] = useState<string>();
  const today = new Date().toISOString().slice(0, 10);
  const day = dayOf(edition, today);
  const path = pathOf(edition.kind, day, i18n.language, "html");
  const report = useQuery({
    queryKey: ["get", path],
    queryFn: ({ signal }) => asText(path, signal),
    staleTime: SELDOM_MS,
    refetchInterval: SELDOM_MS,
  });
  const choose = (next: Edition) => {
    setFailure(undefined);
    const written = writeEdition(next);
    const place = written ? ({ view: "reports", subject: written } as const) : ({ view: "reports" } as const);
    go((from) => showing({ ...from, focus: pane }, place));
  };
  return (
    <>
      <div className="report__tools">
        <Tools kind={edition.kind} day={day} today={today} choose={choose} />
        {report.data !== undefined && <Take kind={edition.kind} day={day} language={i18n.language} fail={setFailure} />}
      </div>
      {failure !== undefined && <Note kind="error" title={t("notTaken")} about={failure} />}
      {isAbsent(report) ? (
        <Empty title={t("none")}>
          {t("noneAbout")}
          <code className="empty__example">{EXAMPLE}</code>
        </Empty>
      ) : (
        <Ask of={report} lines={16}>
          {(html) => <Page html={html} title={t(`titles.${edition.kind}`)} />}
        </Ask>
      )}
    </>
  );
}
