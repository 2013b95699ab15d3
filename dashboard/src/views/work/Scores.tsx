import { useTranslation } from "react-i18next";
import { api, type Body } from "@/api/client";
import { Ask } from "@/parts/Ask";
import { Empty } from "@/parts/Empty";
import { type Column, Grid } from "@/parts/Grid";
import { Section } from "@/parts/Section";
import { matrix } from "./kinds";
import { ScoreCell } from "./ScoreCell";

interface Props {
  kinds: Body<"KindBody">[];
  name: string;
}

/** What is known of each model of the class, tier by tier. */
export function Scores({ kinds, name }: Props) {
  const { t } = useTranslation("work");
  const scores = api.useQuery("get", "/v1/work/scores");
  const tiers = kinds.filter((kind) => kind.class === name);
  return (
    <Section title={t("scores.title")} about={t("scores.about")}>
      <Ask of={scores}>
        {(told) => {
          const { models, of, most } = matrix(told.scores, name);
          if (models.length === 0) return <Empty title={t("scores.none")}>{t("scores.noneAbout")}</Empty>;
          const columns: Column<string>[] = [
            { title: t("scores.model"), cell: (model) => <b>{model}</b> },
            ...tiers.map(({ tier, enough }) => ({
              title: tier,
              cell: (model: string) => <ScoreCell score={of(model, tier)} enough={enough} most={most(tier)} />,
            })),
          ];
          return <Grid label={t("scores.title")} columns={columns} rows={models} keyOf={(model) => model} />;
        }}
      </Ask>
    </Section>
  );
}
