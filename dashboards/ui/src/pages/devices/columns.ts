import type { Column } from "$/components/column";

export const DEVICE_COLUMNS: readonly Column[] = [
  { key: "status", label: "devices.status", sort: "status" },
  { key: "name", label: "devices.name", sort: "name", shrink: true },
  { key: "role", label: "devices.role", wide: true },
  { key: "unit", label: "devices.unit", shrink: true },
  { key: "address", label: "devices.address", wide: true, roomy: true },
  { key: "since", label: "devices.since", sort: "since", wide: true },
  { key: "cause", label: "devices.cause", grow: true },
];

export const INTERFACE_COLUMNS: readonly Column[] = [
  { key: "state", label: "interface.state" },
  { key: "name", label: "interface.name" },
  { key: "alias", label: "interface.alias", grow: true, wide: true },
  { key: "speed", label: "interface.speed", number: true, wide: true },
  { key: "in", label: "interface.in", number: true },
  { key: "out", label: "interface.out", number: true },
  { key: "use", label: "interface.use" },
  { key: "errors", label: "interface.errors", number: true, wide: true },
];

export const SORTS = ["name", "-name", "status", "-status", "since", "-since"] as const;
export type DeviceSort = (typeof SORTS)[number];

export const ROLES = [
  "core-router",
  "core-switch",
  "distribution-switch",
  "access-switch",
  "router",
  "firewall",
  "server",
  "storage",
  "ups",
  "wireless",
  "sensor",
] as const;
export type DeviceRole = (typeof ROLES)[number];
