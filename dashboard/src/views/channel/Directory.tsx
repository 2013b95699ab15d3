import { Search } from "@carbon/react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { Ask } from "@/parts/Ask";
import { Empty } from "@/parts/Empty";
import { Go } from "@/parts/Go";

/** Channels shown at once; whoever has more types a part of the name. */
const MOST = 200;

/** Every channel, to choose one. */
export function Directory() {
  const { t } = useTranslation("channel");
  const channels = api.useQuery("get", "/v1/channels");
  const [part, setPart] = useState("");
  return (
    <Ask of={channels}>
      {({ channels }) => {
        if (channels.length === 0) return <Empty title={t("none")}>{t("noneAbout")}</Empty>;
        const found = channels.filter(({ channel }) => channel.toLowerCase().includes(part.toLowerCase()));
        return (
          <>
            <Search
              size="md"
              labelText={t("find")}
              placeholder={t("find")}
              value={part}
              onChange={(event) => setPart(event.target.value)}
            />
            <ul className="directory">
              {found.slice(0, MOST).map(({ channel }) => (
                <li key={channel}>
                  <Go to={{ view: "channel", subject: channel }}>{channel}</Go>
                </li>
              ))}
            </ul>
          </>
        );
      }}
    </Ask>
  );
}
