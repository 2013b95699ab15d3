import { Button, SkeletonText } from "@carbon/react";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Trouble } from "@/api/client";
import { useLiveness } from "@/api/stream";
import { ago } from "@/time/format";
import { useNow } from "@/time/useNow";
import { Note } from "./Note";

/** Seconds after which an answer that was to be kept up to date is called old. */
const STALE_S = 150;

interface Props<Answer> {
  of: UseQueryResult<Answer, unknown>;
  /** Lines of the placeholder while the first answer is awaited. */
  lines?: number;
  children: (answer: Answer) => ReactNode;
}

/** An answer of the server in each of its states: awaited, refused, old, or there. */
export function Ask<Answer>({ of, lines = 4, children }: Props<Answer>) {
  const { t } = useTranslation();
  const now = useNow();
  const liveness = useLiveness();
  if (of.data === undefined) {
    if (of.isError) return <Refusal trouble={of.error} again={() => void of.refetch()} />;
    return (
      <div role="status" aria-label={t("state.loading")}>
        <SkeletonText paragraph lineCount={lines} />
      </div>
    );
  }
  const heard = of.dataUpdatedAt / 1000;
  const old = now - heard > STALE_S && (of.isError || liveness === "lost");
  return (
    <>
      {old && <Note kind="warning" title={t("state.stale", { when: ago(heard, now) })} />}
      {children(of.data)}
    </>
  );
}

function Refusal({ trouble, again }: { trouble: unknown; again: () => void }) {
  const { t } = useTranslation();
  const { status, message, detail } =
    trouble instanceof Trouble ? trouble : { status: -1, message: String(trouble), detail: undefined };
  const title = status === 0 ? t("state.unreachable") : status === 403 ? t("state.forbidden") : t("state.failed");
  return (
    <Note kind="error" title={title} about={status === 0 ? t("state.unreachableAbout") : (detail ?? message)}>
      <Button kind="ghost" size="sm" onClick={again}>
        {t("state.again")}
      </Button>
    </Note>
  );
}
