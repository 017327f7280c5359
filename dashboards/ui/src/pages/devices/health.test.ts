import { describe, expect, it } from "vitest";
import type { HealthView } from "$/api/client";
import { measured, sensorClasses, sized } from "./health";

function sensor(sensor_class: string, value: number | null, state: string | null = null, unit = ""): HealthView {
  return { kind: "sensor", index: `${sensor_class}-${value}`, label: "x", sensor_class, value, unit, state, total_bytes: null, at: null };
}

describe("health", () => {
  it("puts heat first, states last, and unknown classes before them", () => {
    const found = sensorClasses([sensor("state", 1), sensor("odd", 1), sensor("temperature", 30), sensor("temperature", 31)]);
    expect(found.map(([name, rows]) => [name, rows.length])).toEqual([
      ["temperature", 2],
      ["other", 1],
      ["state", 1],
    ]);
  });

  it("says a state in words and a value with its unit", () => {
    expect(measured(sensor("state", 1, "normal"), "vi-VN")).toBe("normal");
    expect(measured(sensor("temperature", 36.54, null, "°C"), "vi-VN")).toBe("36,5 °C");
    expect(measured(sensor("current", 0.007, null, "A"), "en-GB")).toBe("0.007 A");
    expect(measured(sensor("temperature", null, null, "°C"), "vi-VN")).toBe("–");
  });

  it("counts bytes in powers of 1024", () => {
    expect(sized(8 * 1024 ** 3, "vi-VN")).toBe("8 GiB");
    expect(sized(0, "vi-VN")).toBe("0 B");
  });
});
