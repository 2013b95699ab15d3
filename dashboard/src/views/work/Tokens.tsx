import { useTranslation } from "react-i18next";
import { api, type Body } from "@/api/client";
import { Ask } from "@/parts/Ask";
import { type Column, Grid } from "@/parts/Grid";
import { Meter } from "@/parts/Meter";
import { Section } from "@/parts/Section";
import { count, percent } from "@/time/format";
import { When } from "@/time/When";

type Row = Body<"TokensBody">;

/** Tokens that jobs took today, against the limits, and who is passed over. */
export function Tokens() {
  const { t } = useTranslation("work");
  const scores = api.useQuery("get", "/v1/work/scores");
  const columns: Column<Row>[] = [
    { title: t("tokens.model"), cell: ({ model }) => model },
    { title: t("tokens.class"), cell: (row) => row.class },
    { title: t("tokens.used"), cell: (row) => <Used of={row} /> },
    { title: t("tokens.state"), cell: (row) => <State of={row} /> },
  ];
  return (
    <Section title={t("tokens.title")} about={t("tokens.about")}>
      <Ask of={scores}>
        {({ tokens }) => (
          <Grid
            label={t("tokens.title")}
            columns={columns}
            rows={tokens}
            keyOf={({ class: name, model }) => `${name}/${model}`}
          />
        )}
      </Ask>
    </Section>
  );
}

function Used({ of: { tokens_today: today, tokens_per_day: limit } }: { of: Row }) {
  const { t } = useTranslation("work");
  if (!limit) return <Meter label={count(today)} value={0} text={t("tokens.unlimited")} />;
  const ratio = today / limit;
  const text = t("tokens.usedOf", { ratio: percent(ratio), limit: count(limit) });
  return (
    <Meter label={count(today)} value={ratio} text={text} tone={ratio >= 1 ? "bad" : ratio >= 0.9 ? "warn" : "plain"} />
  );
}

function State({ of: { passed_over, until } }: { of: Row }) {
  const { t } = useTranslation("work");
  if (!passed_over) return <span className="muted">{t("tokens.takes")}</span>;
  return (
    <span title={passed_over}>
      {until ? (
        <>
          {t("tokens.passed")} <When at={until} />
        </>
      ) : (
        t("tokens.passedAll")
      )}
    </span>
  );
}
