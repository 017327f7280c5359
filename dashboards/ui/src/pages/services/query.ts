import type { components } from "$/api/types";
import type { Column } from "$/components/column";
import type { Query } from "$/router/query";
import { isStatus } from "$/state/vocabulary";

export type ServiceRow = components["schemas"]["ServiceRow"];
export type ServicesPage = components["schemas"]["ServicesPage"];
export type ServiceDetail = components["schemas"]["ServiceDetail"];
export type AvailabilityReport = components["schemas"]["AvailabilityReport"];

export type CertificateView = components["schemas"]["CertificateView"];

export const KINDS = ["public-service", "information-system", "core-database"] as const;
export const LEVELS = ["1", "2", "3", "4", "5"] as const;

export const SERVICE_COLUMNS: readonly Column[] = [
  { key: "status", label: "services.status" },
  { key: "name", label: "services.name", grow: true },
  { key: "owner", label: "services.owner", wide: true, shrink: true },
  { key: "level", label: "services.level", number: true },
  { key: "checks", label: "services.checks", number: true, wide: true },
  { key: "availability", label: "services.availability", number: true },
];

export const GROUP_COLUMNS: readonly Column[] = [
  { key: "group", label: "services.owner", grow: true },
  { key: "services", label: "services.count", number: true },
  { key: "percent", label: "services.mean", number: true },
  { key: "worst", label: "services.worst", number: true },
];

export const CERTIFICATE_COLUMNS: readonly Column[] = [
  { key: "state", label: "services.status" },
  { key: "holder", label: "services.holder", grow: true },
  { key: "kind", label: "services.kind", wide: true },
  { key: "unit", label: "services.owner", wide: true, shrink: true },
  { key: "ends", label: "services.ends", wide: true },
  { key: "days", label: "services.days", number: true },
];

const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/;

/** A month out of the page's URL; null for this one. */
export function monthOf(query: Query): string | null {
  const month = query["month"] ?? "";
  return MONTH.test(month) ? month : null;
}

/** The API's filters out of the page's URL. */
export function serviceQuery(query: Query) {
  const status = query["status"] ?? "";
  const level = LEVELS.find((one) => one === query["level"]);
  return {
    kind: KINDS.find((one) => one === query["kind"]) ?? null,
    level: level ? Number(level) : null,
    status: isStatus(status) ? status : null,
    unit: query["unit"] ?? null,
    q: query["q"] ?? null,
    month: monthOf(query),
    cursor: query["cursor"] ?? null,
    limit: 100,
  };
}

/** An availability with as many digits as people argue about: `99,950%`. */
export function available(value: number | null | undefined, tag: string): string {
  if (value === null || value === undefined) return "–";
  return new Intl.NumberFormat(tag, { minimumFractionDigits: 2, maximumFractionDigits: 3 }).format(value) + "%";
}
