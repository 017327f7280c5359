import type { Wall } from "$/api/client";
import { t } from "$/i18n/index.svelte";

/** The state of the city in one sentence: what is wrong, most serious first, or that nothing is. */
export function headline({ totals }: Wall): string {
  const { units } = totals;
  const parts: string[] = [];
  if (units.down > 0) parts.push(t("headline.down", { n: units.down }));
  if (units.behind > 0) parts.push(t("headline.behind", { n: units.behind }));
  if (units.degraded > 0) parts.push(t("headline.degraded", { n: units.degraded }));
  if (units.no_data > 0) parts.push(t("headline.no_data", { n: units.no_data }));
  if (totals.open_incidents > 0) parts.push(t("headline.incidents", { n: totals.open_incidents }));
  return parts.length > 0 ? parts.join(" · ") : t("headline.well");
}

/** The groups under the map, by what they are; kinds nobody named stand with the departments. */
export function grouped(wall: Wall): { districts: Wall["groups"]; others: Wall["groups"] } {
  return {
    districts: wall.groups.filter((group) => group.kind === "district"),
    others: wall.groups.filter((group) => group.kind !== "district" && group.kind !== "city"),
  };
}
