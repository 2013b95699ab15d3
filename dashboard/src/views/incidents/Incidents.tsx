import type { ViewProps } from "@/views/views";
import { IncidentList } from "./IncidentList";
import { IncidentPage } from "./IncidentPage";

/** Incidents: all of a span, or one of them. */
export default function Incidents({ subject }: ViewProps) {
  return subject ? <IncidentPage id={subject} /> : <IncidentList />;
}
