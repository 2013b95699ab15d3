import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { Ask } from "@/parts/Ask";
import { Empty } from "@/parts/Empty";
import type { ViewProps } from "@/views/views";
import { routeOf } from "./board";
import { Classes } from "./Classes";
import { ClassPage } from "./ClassPage";
import { readSubject } from "./subject";

/** Routing: what is decided about a class, why, and what came of it. */
export default function Routing({ subject }: ViewProps) {
  const { t } = useTranslation("routing");
  const routes = api.useQuery("get", "/v1/routes");
  const wanted = readSubject(subject);
  return (
    <Ask of={routes} lines={10}>
      {({ routes: all }) => {
        const body = all.find((it) => it.class === wanted.class) ?? all[0];
        if (!body) return <Empty title={t("none")}>{t("noneAbout")}</Empty>;
        return (
          <div className="routing">
            <Classes classes={all.map((it) => it.class)} chosen={body.class} />
            <ClassPage route={routeOf(body)} generation={wanted.generation} />
          </div>
        );
      }}
    </Ask>
  );
}
