import type { Column } from "$/components/column";
import type { Query } from "$/router/query";

export const BY = ["talkers", "unit", "application", "direction"] as const;
export type By = (typeof BY)[number];
export const DIRECTIONS = ["in", "out", "internal", "transit"] as const;
export type Direction = (typeof DIRECTIONS)[number];

const isBy = (text: string | undefined): text is By => (BY as readonly (string | undefined)[]).includes(text);
const isDirection = (text: string | undefined): text is Direction =>
  (DIRECTIONS as readonly (string | undefined)[]).includes(text);

/** What the page asks for, out of its URL. */
export function flowQuery(query: Query) {
  return {
    by: isBy(query["by"]) ? query["by"] : ("talkers" as const),
    direction: isDirection(query["direction"]) ? query["direction"] : null,
    application: query["application"] || null,
    unit: query["unit"] ?? null,
    from: query["from"] ?? "now-1h",
    to: query["to"] ?? "now",
  };
}

const WHAT: Record<By, readonly Column[]> = {
  talkers: [
    { key: "ends", label: "flows.ends", grow: true },
    { key: "unit", label: "flows.unit", wide: true, shrink: true },
    { key: "application", label: "flows.application", shrink: true },
  ],
  unit: [{ key: "unit", label: "flows.unit", grow: true }],
  application: [{ key: "application", label: "flows.application", grow: true }],
  direction: [],
};

/** The columns of who talks most, by what is kept apart. */
export function talkColumns(by: By): readonly Column[] {
  return [
    ...WHAT[by],
    { key: "direction", label: "flows.direction", wide: by !== "direction", ...(by === "direction" ? { grow: true } : {}) },
    { key: "bytes", label: "flows.bytes", number: true },
    { key: "share", label: "flows.share", number: true, wide: true },
    { key: "mean", label: "flows.mean", number: true, wide: true },
  ];
}

/** The columns of how full it was. */
export function fullColumns(by: Exclude<By, "talkers">): readonly Column[] {
  return [
    ...WHAT[by],
    { key: "direction", label: "flows.direction", ...(by === "direction" ? { grow: true } : {}) },
    { key: "percentile", label: "flows.percentile", number: true },
    { key: "mean", label: "flows.mean", number: true, wide: true },
    { key: "highest", label: "flows.highest", number: true, wide: true },
  ];
}
