import type { Column } from "$/components/column";

export const BELOW_COLUMNS: readonly Column[] = [
  { key: "status", label: "devices.status" },
  { key: "name", label: "devices.unit", grow: true },
  { key: "devices", label: "unit.devices_up", number: true },
  { key: "since", label: "devices.since", wide: true },
];

export const UNIT_DEVICE_COLUMNS: readonly Column[] = [
  { key: "status", label: "devices.status" },
  { key: "name", label: "devices.name" },
  { key: "role", label: "devices.role", wide: true },
  { key: "unit", label: "devices.unit", shrink: true, roomy: true },
  { key: "since", label: "devices.since", wide: true },
  { key: "cause", label: "devices.cause", grow: true },
];
