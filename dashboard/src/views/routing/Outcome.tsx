import { useTranslation } from "react-i18next";
import { count, GAP, percent, usd } from "@/time/format";
import type { Decision } from "./reason";

/** What was expected of a decision, beside what came while it held. */
export function Outcome({ of, holds }: { of: Decision; holds: boolean }) {
  const { t } = useTranslation("routing");
  const { expected, heard } = of;
  const came = (bad: number) => (heard && heard.calls > 0 ? percent(bad / heard.calls) : GAP);
  return (
    <table className="outcome">
      <caption className="cds--visually-hidden">{t("outcome", { generation: of.generation })}</caption>
      <thead>
        <tr>
          <td />
          <th scope="col">{t("expected")}</th>
          <th scope="col">{t("heard")}</th>
        </tr>
      </thead>
      <tbody>
        <tr>
          <th scope="row">{t("slow")}</th>
          <td>{percent(expected.slow)}</td>
          <td>{came(heard?.slow ?? 0)}</td>
        </tr>
        <tr>
          <th scope="row">{t("failing")}</th>
          <td>{percent(expected.failing)}</td>
          <td>{came(heard?.failed ?? 0)}</td>
        </tr>
        <tr>
          <th scope="row">{t("cost")}</th>
          <td>{usd(expected.cost_usd)}</td>
          <td>{GAP}</td>
        </tr>
        <tr>
          <th scope="row">{t("calls")}</th>
          <td />
          <td>{heard ? count(heard.calls) : holds ? t("stillHolds") : GAP}</td>
        </tr>
      </tbody>
    </table>
  );
}
