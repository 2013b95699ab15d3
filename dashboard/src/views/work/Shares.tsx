import { Button } from "@carbon/react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Body } from "@/api/client";
import { inks as inksOf } from "@/charts/ink";
import { Section } from "@/parts/Section";
import { useTheme } from "@/shell/useTheme";
import { Allocate } from "./Allocate";
import { modelsOf } from "./kinds";
import { ShareCard } from "./ShareCard";
import { Told } from "./Told";

interface Props {
  allocation: Body<"AllocationBody">;
  name: string;
}

/** The shares of the class by tier, and the order to make them anew. */
export function Shares({ allocation, name }: Props) {
  const { t } = useTranslation("work");
  const [asking, setAsking] = useState(false);
  const theme = useTheme();
  const inks = useMemo(() => inksOf(theme), [theme]);
  const models = modelsOf(allocation.kinds);
  const own = allocation.kinds.filter((kind) => kind.class === name);
  return (
    <Section
      title={t("shares.title")}
      about={t("shares.about")}
      tools={
        <Button size="sm" kind="tertiary" onClick={() => setAsking(true)}>
          {t("allocate.button")}
        </Button>
      }
    >
      <div className="work__cards">
        {own.map((kind) => (
          <ShareCard key={kind.tier} kind={kind} ink={(model) => inks.of(models.indexOf(model))} />
        ))}
      </div>
      <Told text={allocation.text} at={allocation.at} />
      {asking && <Allocate since={allocation.at} close={() => setAsking(false)} />}
    </Section>
  );
}
