import type { HealthView } from "$/api/client";

/** Classes of sensors in the order in which people look: heat and power first, states last. */
export const SENSOR_CLASSES = [
  "temperature",
  "fanspeed",
  "humidity",
  "voltage",
  "current",
  "power",
  "power_consumed",
  "charge",
  "load",
  "runtime",
  "frequency",
  "dbm",
  "signal",
  "airflow",
  "count",
  "state",
] as const;
export type SensorClass = (typeof SENSOR_CLASSES)[number] | "other";

/** Sensors by class, each class once; what no class is known for comes before the states. */
export function sensorClasses(health: readonly HealthView[]): readonly (readonly [SensorClass, readonly HealthView[]])[] {
  const found = new Map<SensorClass, HealthView[]>();
  for (const row of health) {
    if (row.kind !== "sensor") continue;
    const name = SENSOR_CLASSES.find((known) => known === row.sensor_class) ?? "other";
    found.set(name, [...(found.get(name) ?? []), row]);
  }
  const order = [...SENSOR_CLASSES.slice(0, -1), "other", "state"] as const;
  return order.flatMap((name) => {
    const rows = found.get(name);
    return rows ? [[name, rows] as const] : [];
  });
}

/** A sensor's value with its unit, or the word of its state: `36,5 °C`, `normal`, `–` before the first reading. */
export function measured(row: HealthView, tag: string): string {
  if (row.sensor_class === "state" && row.state) return row.state;
  if (row.value === null) return "–";
  const digits = Math.abs(row.value) < 0.1 ? 5 : Math.abs(row.value) < 10 ? 2 : 1;
  const figure = new Intl.NumberFormat(tag, { maximumFractionDigits: digits }).format(row.value);
  return row.unit ? `${figure} ${row.unit}` : figure;
}

/** Bytes in binary units, as memory and disks are sold to operators: `8 GiB`. */
export function sized(bytes: number, tag: string): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)));
  const figure = new Intl.NumberFormat(tag, { maximumFractionDigits: 1 }).format(bytes / 1024 ** step);
  return `${figure} ${units[step] ?? "B"}`;
}
