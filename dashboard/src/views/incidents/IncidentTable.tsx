import { useTranslation } from "react-i18next";
import { Go } from "@/parts/Go";
import { type Column, Grid } from "@/parts/Grid";
import { Severity } from "@/parts/Severity";
import { duration } from "@/time/format";
import { useNow } from "@/time/useNow";
import { When } from "@/time/When";
import { term } from "@/words/term";
import { type Incident, lasted, scopeOf } from "./incident";
import { Standing } from "./Standing";

/** Incidents as rows, each leading to its page. */
export function IncidentTable({ label, incidents }: { label: string; incidents: Incident[] }) {
  const { t } = useTranslation("incidents");
  const now = useNow();
  const columns: Column<Incident>[] = [
    { title: t("severity"), cell: (it) => <Severity of={it.severity} /> },
    {
      title: t("incident"),
      cell: (it) => <Go to={{ view: "incidents", subject: it.id }}>{term("kinds", it.kind)}</Go>,
    },
    { title: t("where"), cell: (it) => <Where of={it} /> },
    { title: t("since"), cell: (it) => <When at={it.first_sign} /> },
    { title: t("lasts"), cell: (it) => duration(lasted(it, now)), figures: true },
    { title: t("state"), cell: (it) => <Standing of={it} /> },
    { title: t("blamed"), cell: (it) => it.blamed.map((column) => term("columns", column)).join(" · ") },
  ];
  return <Grid label={label} columns={columns} rows={incidents} keyOf={(it) => it.id} />;
}

function Where({ of }: { of: Incident }) {
  const { t } = useTranslation("incidents");
  if (of.channel) return <Go to={{ view: "channel", subject: of.channel }}>{of.channel}</Go>;
  return <>{t("groupOf", { scope: scopeOf(of), count: of.members?.length ?? 0 })}</>;
}
