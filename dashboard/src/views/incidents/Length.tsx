import { useTranslation } from "react-i18next";
import { Choice } from "@/parts/Choice";

const LENGTHS = ["30m", "2h", "8h", "24h", "7d"] as const;

export const USUAL_LENGTH = "2h";

/** How long a silence lasts. */
export function Length({ value, choose }: { value: string; choose: (value: string) => void }) {
  const { t } = useTranslation("incidents");
  return (
    <Choice
      label={t("length")}
      value={value}
      choose={choose}
      options={LENGTHS.map((it): [string, string] => [it, t(`lengths.${it}`)])}
    />
  );
}
