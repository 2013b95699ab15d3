import { Checkmark, Link as LinkIcon } from "@carbon/icons-react";
import { Button, Select, SelectItem } from "@carbon/react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { showing } from "@/place/place";
import { go } from "@/place/usePlace";

/** Goes to another channel, or shares this one. */
export function Picker({ channel, pane }: { channel: string; pane: number }) {
  const { t } = useTranslation("channel");
  const { data } = api.useQuery("get", "/v1/channels");
  const [copied, setCopied] = useState(false);
  const names = data?.channels.map(({ channel }) => channel) ?? [channel];
  const choose = (subject: string) =>
    go((place) => showing({ ...place, focus: pane }, subject ? { view: "channel", subject } : { view: "channel" }));
  const share = async () => {
    await navigator.clipboard.writeText(location.href);
    setCopied(true);
  };
  return (
    <div className="tools">
      <Select
        id={`channel-${pane}`}
        size="sm"
        hideLabel
        labelText={t("choose")}
        value={channel}
        onChange={(event) => choose(event.target.value)}
      >
        <SelectItem value="" text={t("all")} />
        {[...new Set([channel, ...names])].sort().map((name) => (
          <SelectItem key={name} value={name} text={name} />
        ))}
      </Select>
      <Button size="sm" kind="ghost" renderIcon={copied ? Checkmark : LinkIcon} onClick={() => void share()}>
        {copied ? t("copied") : t("share")}
      </Button>
    </div>
  );
}
