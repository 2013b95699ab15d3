import { useTranslation } from "react-i18next";
import { api, type Body } from "@/api/client";
import { Ask } from "@/parts/Ask";
import { Empty } from "@/parts/Empty";
import { Go } from "@/parts/Go";
import { type Column, Grid } from "@/parts/Grid";
import { Section } from "@/parts/Section";
import { asQuery } from "@/place/span";
import { usePlace } from "@/place/usePlace";
import { count, percent, usd } from "@/time/format";

type Row = Body<"HarmBody">;

/** What decisions were worth in money and in calls, beside even shares, over the time that the place says. */
export function Saved() {
  const { t } = useTranslation("cost");
  const { span } = usePlace();
  const summary = api.useQuery("get", "/v1/summary", { params: { query: asQuery(span) } });
  const columns: Column<Row>[] = [
    {
      title: t("groups.class"),
      cell: ({ class: name }) =>
        name ? <Go to={{ view: "routing", subject: name }}>{name}</Go> : <b>{t("saved.all")}</b>,
    },
    { title: t("saved.paid"), figures: true, cell: ({ actual_usd }) => usd(actual_usd) },
    { title: t("saved.even"), figures: true, cell: ({ unmanaged_usd }) => usd(unmanaged_usd) },
    { title: t("saved.saved"), figures: true, cell: (row) => <Difference of={row} /> },
    { title: t("saved.calls"), figures: true, cell: ({ calls }) => count(calls) },
    { title: t("saved.harmed"), figures: true, cell: ({ harmed_ratio }) => percent(harmed_ratio) },
    { title: t("saved.evenHarmed"), figures: true, cell: ({ unmanaged_ratio }) => percent(unmanaged_ratio) },
    { title: t("saved.avoided"), figures: true, cell: ({ avoided }) => count(avoided) },
    { title: t("saved.known"), figures: true, cell: ({ known }) => percent(known) },
  ];
  return (
    <Section title={t("saved.title")} about={t("saved.about")}>
      <Ask of={summary}>
        {({ harm }) => {
          // Where there is one class, all together is that class.
          const rows = harm.length === 2 ? harm.slice(0, 1) : harm;
          if (rows.every(({ class: name }) => !name))
            return <Empty title={t("saved.none")}>{t("saved.noneAbout")}</Empty>;
          return <Grid label={t("saved.title")} columns={columns} rows={rows} keyOf={(row) => row.class ?? ""} />;
        }}
      </Ask>
    </Section>
  );
}

function Difference({ of: { saved_usd: saved, unmanaged_usd: even } }: { of: Row }) {
  return (
    <>
      <b>{usd(saved)}</b>
      {saved !== null && saved !== undefined && even ? <span className="muted"> {percent(saved / even)}</span> : null}
    </>
  );
}
