import { expect, test } from "vitest";
import { absolute, isRelative, presetOf, resolve, shifted } from "./range";

const NOW = new Date("2026-07-09T06:00:00Z");

test("relative ranges are resolved against now and stay relative in the URL", () => {
  const range = { from: "now-6h", to: "now" };
  expect(resolve(range, NOW)).toEqual({ start: new Date("2026-07-09T00:00:00Z"), end: NOW });
  expect(isRelative(range)).toBe(true);
  expect(presetOf(range)).toBe("6h");
});

test("absolute ranges are taken as they are", () => {
  const range = absolute(new Date("2026-07-08T00:00:00Z"), new Date("2026-07-08T01:00:00Z"));
  expect(resolve(range, NOW).end.toISOString()).toBe("2026-07-08T01:00:00.000Z");
  expect(isRelative(range)).toBe(false);
  expect(presetOf(range)).toBeNull();
});

test("nonsense or a reversed range falls back", () => {
  const day = { start: new Date("2026-07-08T06:00:00Z"), end: NOW };
  expect(resolve({ from: "yesterday-ish", to: "now" }, NOW)).toEqual(day);
  expect(resolve({ from: "now", to: "now-1h" }, NOW)).toEqual(day);
});

test("a range moves by its own width", () => {
  expect(shifted({ from: "now-1h", to: "now" }, -1, NOW)).toEqual({
    from: "2026-07-09T04:00:00.000Z",
    to: "2026-07-09T05:00:00.000Z",
  });
});
