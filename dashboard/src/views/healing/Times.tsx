import { useTranslation } from "react-i18next";
import type { Body } from "@/api/client";
import { length } from "./length";

/** How long a playbook took: to detect, to end the harm, to recover. */
export function Times({ of }: { of: Body<"PlaybookBody"> }) {
  const { t } = useTranslation("healing");
  const rows: [string, Body<"SpansBody"> | null | undefined][] = [
    [t("detect"), of.time_to_detect],
    [t("mitigate"), of.time_to_mitigate],
    [t("recover"), of.time_to_recover],
  ];
  return (
    <table className="outcome">
      <caption className="cds--visually-hidden">{t("times", { playbook: of.name })}</caption>
      <thead>
        <tr>
          <td />
          <th scope="col">{t("median")}</th>
          <th scope="col">{t("longest")}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([label, spans]) => (
          <tr key={label}>
            <th scope="row">{label}</th>
            <td>{length(spans?.median_s)}</td>
            <td>{length(spans?.longest_s)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
