import type { Column } from "$/components/column";
import { list, type Query } from "$/router/query";
import { isSeverity, REAL } from "$/state/vocabulary";

export const EVENT_COLUMNS: readonly Column[] = [
  { key: "at", label: "events.time" },
  { key: "dataset", label: "events.dataset", wide: true },
  { key: "severity", label: "events.severity" },
  { key: "what", label: "events.what", grow: true },
  { key: "source", label: "events.source", wide: true },
  { key: "destination", label: "events.destination", wide: true },
  { key: "unit", label: "events.unit", wide: true },
];

/** The API's filters out of the page's URL. */
export function eventQuery(query: Query) {
  return {
    from: query["from"] ?? "now-24h",
    to: query["to"] ?? "now",
    namespace: query["namespace"] ?? REAL,
    dataset: list(query["dataset"]),
    severity: list(query["severity"]).filter(isSeverity),
    unit: query["unit"] ?? null,
    "source.ip": list(query["source"]),
    "destination.ip": list(query["destination"]),
    "rule.id": list(query["rule"]),
    q: query["q"] ?? null,
  };
}

export type EventQuery = ReturnType<typeof eventQuery>;

export function isFiltered(query: EventQuery): boolean {
  const lists = [query.dataset, query.severity, query["source.ip"], query["destination.ip"], query["rule.id"]];
  return Boolean(query.q ?? query.unit) || lists.some((values) => values.length > 0);
}
