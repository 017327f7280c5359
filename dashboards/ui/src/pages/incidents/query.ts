import type { IncidentView } from "$/api/client";
import type { Column } from "$/components/column";
import { list, type Query } from "$/router/query";
import { isSeverity, isState } from "$/state/vocabulary";

export const INCIDENT_COLUMNS: readonly Column[] = [
  { key: "number", label: "incidents.number", number: true },
  { key: "severity", label: "incidents.severity" },
  { key: "title", label: "incidents.what", grow: true },
  { key: "state", label: "incidents.state" },
  { key: "due", label: "incidents.due", wide: true },
  { key: "assignee", label: "incidents.assignee", wide: true },
  { key: "hurt", label: "incidents.hurt", wide: true },
  { key: "opened", label: "incidents.opened", wide: true },
];

/** What is still to be worked on: the states shown unless the URL says otherwise. */
export const UNFINISHED = "open,acknowledged";

/** The API's filters out of the page's URL. */
export function incidentQuery(query: Query) {
  return {
    state: list(query["state"] ?? UNFINISHED).filter(isState),
    severity: list(query["severity"]).filter(isSeverity),
    unit: query["unit"] ?? null,
    namespace: query["namespace"] ?? null,
    cursor: query["cursor"] ?? null,
    limit: 100,
  };
}

export function edge(incident: IncidentView): "drill" | "critical" | "high" | null {
  if (incident.drill) return "drill";
  if (incident.state === "closed") return null;
  return incident.severity === "critical" || incident.severity === "high" ? incident.severity : null;
}
