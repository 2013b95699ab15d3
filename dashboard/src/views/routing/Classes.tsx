import { useTranslation } from "react-i18next";
import { useLink } from "@/place/usePlace";
import { routingPane } from "./subject";

/** The route classes to choose from; nothing where there is only one. */
export function Classes({ classes, chosen }: { classes: string[]; chosen: string }) {
  const { t } = useTranslation("routing");
  const link = useLink();
  if (classes.length < 2) return null;
  return (
    <nav className="classes" aria-label={t("classes")}>
      {classes.map((name) => (
        <a
          key={name}
          className="classes__one"
          aria-current={name === chosen ? "page" : undefined}
          {...link(routingPane(name))}
        >
          {name}
        </a>
      ))}
    </nav>
  );
}
