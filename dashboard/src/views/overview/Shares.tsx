import { Tag } from "@carbon/react";
import { useTranslation } from "react-i18next";
import { api, type Body } from "@/api/client";
import { inks as inksOf } from "@/charts/ink";
import { Ask } from "@/parts/Ask";
import { Empty } from "@/parts/Empty";
import { Go } from "@/parts/Go";
import { Section } from "@/parts/Section";
import { useTheme } from "@/shell/useTheme";
import { percent } from "@/time/format";
import { term } from "@/words/term";

/** Where the calls of each class go now. */
export function Shares() {
  const { t } = useTranslation("overview");
  const routes = api.useQuery("get", "/v1/routes");
  return (
    <Section title={t("shares.title")} about={t("shares.about")}>
      <Ask of={routes}>
        {({ routes }) =>
          routes.length > 0 ? (
            <div className="shares">
              {routes.map((route) => (
                <Class key={route.class} of={route} />
              ))}
            </div>
          ) : (
            <Empty title={t("shares.empty")}>{t("shares.emptyAbout")}</Empty>
          )
        }
      </Ask>
    </Section>
  );
}

function Class({ of }: { of: Body<"RouteBody"> }) {
  const { t } = useTranslation("overview");
  const inks = inksOf(useTheme());
  const decision = of.decision as { weights?: Record<string, number>; probes?: Record<string, number> } | null;
  const names = Object.keys(decision?.weights ?? {}).sort();
  const shares = names.map((channel, at) => ({ channel, share: decision?.weights?.[channel] ?? 0, ink: inks.of(at) }));
  return (
    <div className="shares__class">
      <h4>
        <Go to={{ view: "routing", subject: of.class }}>{of.class}</Go> <Tag size="sm">{term("modes", of.mode)}</Tag>
      </h4>
      {shares.length === 0 && <p className="muted">{t("shares.nobody")}</p>}
      <div className="shares__bar" aria-hidden>
        {shares.map(({ channel, share, ink }) => (
          <span key={channel} style={{ inlineSize: `${share * 100}%`, background: ink }} />
        ))}
      </div>
      <ul className="shares__list">
        {shares.map(({ channel, share, ink }) => (
          <li key={channel}>
            <i style={{ background: ink }} />
            <Go to={{ view: "channel", subject: channel }}>{channel}</Go>
            {share === 0 && decision?.probes?.[channel] !== undefined && (
              <span className="muted">{t("shares.probes")}</span>
            )}
            <b>{percent(share)}</b>
          </li>
        ))}
      </ul>
    </div>
  );
}
