import { expect, test } from "vitest";
import { percent, rate, scaled, whole } from "./number";

test("rates carry SI prefixes and the language's own comma", () => {
  expect(rate(12_500_000, "vi-VN")).toBe("12,5 Mbps");
  expect(rate(12_500_000, "en-GB")).toBe("12.5 Mbps");
  expect(rate(0, "vi-VN")).toBe("0 bps");
  expect(rate(940, "vi-VN")).toBe("940 bps");
  expect(rate(1_250_000_000, "vi-VN")).toBe("1,25 Gbps");
});

test("a value just under a prefix does not read as a thousand", () => {
  expect(rate(999_700, "vi-VN")).toBe("1 Mbps");
});

test("no value is a dash, never a zero", () => {
  expect(rate(null, "vi-VN")).toBe("–");
  expect(percent(undefined, "vi-VN")).toBe("–");
  expect(scaled(Number.NaN, "s", "vi-VN")).toBe("–");
});

test("counts and percentages", () => {
  expect(whole(1297, "vi-VN")).toBe("1.297");
  expect(percent(99.72, "vi-VN")).toBe("99,7%");
});
