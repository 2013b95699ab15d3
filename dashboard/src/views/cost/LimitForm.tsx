import { Select, SelectItem, TextInput } from "@carbon/react";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { PERS, type Per, RESOURCES, type Resource } from "./limit";

/** A limit to try: what is limited, over what time, and how much as it was written; the usual amount if it was not. */
export interface Limit {
  resource: Resource;
  per: Per;
  written: string | undefined;
}

interface Props {
  limit: Limit;
  valid: boolean;
  choose: (limit: Limit) => void;
}

/** The fields of a limit to try. */
export function LimitForm({ limit, valid, choose }: Props) {
  const { t } = useTranslation("cost");
  const id = useId();
  const { resource, per, written } = limit;
  const write = (text: string) => choose({ resource, per, written: text });
  return (
    <div className="cost__form">
      <Select
        id={`${id}-resource`}
        size="sm"
        labelText={t("runsOut.resource")}
        value={resource}
        onChange={({ target }) => {
          const next = RESOURCES.find((one) => one === target.value);
          if (next) choose({ resource: next, per, written: undefined });
        }}
      >
        {RESOURCES.map((one) => (
          <SelectItem key={one} value={one} text={t(`runsOut.resources.${one}`)} />
        ))}
      </Select>
      <TextInput
        id={`${id}-limit`}
        size="sm"
        inputMode="decimal"
        labelText={t("runsOut.limit")}
        key={`${resource}/${per}`}
        defaultValue={written}
        invalid={!valid}
        invalidText={t("runsOut.invalid")}
        // Each outlook is drawn anew: not for every key.
        onBlur={({ target }) => write(target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") write(event.currentTarget.value);
        }}
      />
      <Select
        id={`${id}-per`}
        size="sm"
        labelText={t("runsOut.per")}
        value={per}
        onChange={({ target }) => {
          const next = PERS.find((one) => one === target.value);
          if (next) choose({ resource, per: next, written: undefined });
        }}
      >
        {PERS.map((one) => (
          <SelectItem key={one} value={one} text={t(`runsOut.pers.${one}`)} />
        ))}
      </Select>
    </div>
  );
}
