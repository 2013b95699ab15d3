import { Select, SelectItem } from "@carbon/react";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { showing } from "@/place/place";
import { go } from "@/place/usePlace";

interface Props {
  classes: string[];
  chosen: string;
  pane: number;
}

/** Which class the view is about; nothing to choose where there is one. */
export function ClassChoice({ classes, chosen, pane }: Props) {
  const { t } = useTranslation("work");
  const id = useId();
  if (classes.length < 2) return null;
  const choose = (subject: string) => go((place) => showing({ ...place, focus: pane }, { view: "work", subject }));
  return (
    <div className="work__class">
      <Select
        id={id}
        inline
        size="sm"
        labelText={t("class")}
        value={chosen}
        onChange={(event) => choose(event.target.value)}
      >
        {classes.map((name) => (
          <SelectItem key={name} value={name} text={name} />
        ))}
      </Select>
    </div>
  );
}
