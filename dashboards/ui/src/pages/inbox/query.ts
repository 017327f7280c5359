import type { AlertGroupView, GroupState } from "$/api/client";
import type { Column } from "$/components/column";
import { list, type Query } from "$/router/query";
import { isSeverity } from "$/state/vocabulary";

export const GROUP_COLUMNS: readonly Column[] = [
  { key: "severity", label: "inbox.severity" },
  { key: "rule", label: "inbox.rule", grow: true },
  { key: "ends", label: "inbox.ends", wide: true },
  { key: "unit", label: "inbox.unit", wide: true, shrink: true },
  { key: "count", label: "inbox.count", number: true },
  { key: "last", label: "inbox.last", wide: true },
];

export const GROUP_STATES: readonly GroupState[] = ["open", "suppressed", "cleared", "handled"];
/** What waits for somebody: shown unless the URL says otherwise. */
export const WAITING = "open";

/** What a person may say of alerts when they put them away; the API takes no other word. */
export const GROUP_VERDICTS = ["benign", "false_positive", "true_positive", "duplicate"] as const;
export type GroupVerdict = (typeof GROUP_VERDICTS)[number];

const isGroupState = (text: string): text is GroupState => (GROUP_STATES as readonly string[]).includes(text);

/** The API's filters out of the page's URL. */
export function groupQuery(query: Query) {
  return {
    state: list(query["state"] ?? WAITING).filter(isGroupState),
    severity: list(query["severity"]).filter(isSeverity),
    rule: query["rule"] || null,
    address: query["address"] || null,
    unit: query["unit"] ?? null,
    namespace: query["namespace"] ?? "default",
    cursor: query["cursor"] ?? null,
    limit: 100,
  };
}

/** What an action is about: the chosen rows, or the one at the cursor where none is chosen. */
export function subjects(
  items: readonly AlertGroupView[],
  chosen: ReadonlySet<string>,
  cursor: string | null,
): AlertGroupView[] {
  const wanted = items.filter((group) => chosen.has(group.id));
  return wanted.length ? wanted : items.filter((group) => group.id === cursor);
}

/** The conditions that a suppression begins with: what the groups have in common. */
export function inCommon(groups: readonly AlertGroupView[]) {
  const same = (value: (group: AlertGroupView) => string | null | undefined): string => {
    const values = new Set(groups.map((group) => value(group) ?? ""));
    return values.size === 1 ? ([...values][0] ?? "") : "";
  };
  return {
    rule_id: same((group) => group.rule_id),
    source: same((group) => group.source_ip),
    destination: "",
    unit: same((group) => group.unit?.id),
  };
}

export function edge(group: AlertGroupView): "drill" | "critical" | "high" | null {
  if (group.drill) return "drill";
  if (group.state !== "open") return null;
  return group.severity === "critical" || group.severity === "high" ? group.severity : null;
}
