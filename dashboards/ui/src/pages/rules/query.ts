import type { components } from "$/api/types";
import type { Column } from "$/components/column";
import type { Query } from "$/router/query";

export type RulesPage = components["schemas"]["RulesPage"];
export type RuleView = components["schemas"]["RuleView"];
export type RuleDetail = components["schemas"]["RuleDetail"];
export type RuleWorkshop = components["schemas"]["RuleWorkshop"];
export type RuleCandidate = components["schemas"]["RuleCandidateView"];
export type RuleVersions = components["schemas"]["RuleVersionsView"];
export type RuleVersion = components["schemas"]["RuleVersionView"];
export type RuleDifference = components["schemas"]["RuleDifferenceView"];

export const TABS = ["list", "candidate", "versions"] as const;
export const SHOWN = ["alerting", "silent", "disabled"] as const;
const LENGTH = 12;

export const RULE_COLUMNS: readonly Column[] = [
  { key: "alerts", label: "rules.alerts", number: true },
  { key: "message", label: "rules.message", grow: true },
  { key: "sid", label: "rules.sid", number: true },
  { key: "techniques", label: "rules.techniques", wide: true },
  { key: "class", label: "rules.class", wide: true },
  { key: "last", label: "rules.last", wide: true },
];

export const DIFFERENCE_COLUMNS: readonly Column[] = [
  { key: "before", label: "rules.before", number: true },
  { key: "after", label: "rules.after", number: true },
  { key: "message", label: "rules.message", grow: true },
  { key: "sid", label: "rules.sid", number: true },
];

export const VERSION_COLUMNS: readonly Column[] = [
  { key: "at", label: "rules.at" },
  { key: "deed", label: "rules.deed" },
  { key: "version", label: "rules.version" },
  { key: "by", label: "rules.by", wide: true },
  { key: "active", label: "rules.active", number: true },
  { key: "why", label: "rules.why", grow: true },
  { key: "back", label: "rules.back" },
];

/** The tab that the page's URL asks for. */
export function tabOf(query: Query): (typeof TABS)[number] {
  return TABS.find((one) => one === query["tab"]) ?? "list";
}

/** The API's filters out of the page's URL. */
export function ruleQuery(query: Query) {
  const shown = SHOWN.find((one) => one === query["show"]);
  return {
    q: query["q"] ?? null,
    alerting: shown === "alerting" ? true : shown === "silent" ? false : null,
    enabled: shown === "disabled" ? false : shown === "silent" ? true : null,
    cursor: query["cursor"] ?? null,
    limit: 100,
  };
}

/** As much of a version as people compare. */
export const short = (version: string): string => version.slice(0, LENGTH);
