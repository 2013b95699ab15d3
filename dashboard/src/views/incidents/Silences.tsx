import { Button } from "@carbon/react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, type Body, http } from "@/api/client";
import { named } from "@/api/shapes";
import { useOutdate } from "@/api/useOutdate";
import { Ask } from "@/parts/Ask";
import { Empty } from "@/parts/Empty";
import { Grid } from "@/parts/Grid";
import { Order } from "@/parts/Order";
import { Section } from "@/parts/Section";
import { When } from "@/time/When";
import { NewSilence } from "./NewSilence";

type Silence = Body<"SilenceBody">;

/** What nobody is told of for now, by labels; silences of single incidents are with these. */
export function Silences() {
  const { t } = useTranslation("incidents");
  const silences = api.useQuery("get", "/v1/silences");
  const [adding, setAdding] = useState(false);
  const [ending, setEnding] = useState<Silence>();
  const outdate = useOutdate();
  const add = (
    <Button kind="tertiary" size="sm" onClick={() => setAdding(true)}>
      {t("silences.add")}
    </Button>
  );
  return (
    <Section title={t("silences.title")} about={t("silences.about")} tools={add}>
      <Ask of={silences} lines={2}>
        {({ silences: all }) =>
          all.length > 0 ? (
            <Grid
              label={t("silences.title")}
              keyOf={(it) => String(it.id)}
              rows={all}
              columns={[
                { title: t("silences.matching"), cell: (it) => labels(it) },
                { title: t("silences.reason"), cell: (it) => it.reason },
                { title: t("by"), cell: (it) => it.by },
                { title: t("silences.until"), cell: (it) => <When at={it.until} /> },
                {
                  title: t("silences.end"),
                  cell: (it) => (
                    <Button kind="ghost" size="sm" onClick={() => setEnding(it)}>
                      {t("silences.end")}
                    </Button>
                  ),
                },
              ]}
            />
          ) : (
            <Empty title={t("silences.none")}>{t("silences.noneAbout")}</Empty>
          )
        }
      </Ask>
      {adding && <NewSilence close={() => setAdding(false)} />}
      {ending && (
        <Order
          title={t("silences.endTitle")}
          verb={t("silences.end")}
          reasoned={false}
          give={async () => {
            await http.DELETE("/v1/silences/{id}", { params: { path: { id: ending.id } } });
            await outdate("/v1/silences");
          }}
          close={() => setEnding(undefined)}
        >
          <p>{t("silences.endAbout", { labels: labels(ending) })}</p>
        </Order>
      )}
    </Section>
  );
}

function labels({ matching }: Silence): string {
  return Object.entries(named<string>(matching))
    .map(([name, value]) => `${name}=${value}`)
    .join(", ");
}
