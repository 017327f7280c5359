import { expect, test } from "vitest";
import { ageOf, newest } from "./age";

// The browser's clock is five minutes behind the server's.
const KNOWN = newest("2026-07-09T06:00:00Z", "2026-07-09T06:00:10Z", new Date("2026-07-09T05:55:10Z"));

test("the age is told by the server's clock and grows while nothing is heard", () => {
  expect(ageOf(KNOWN, 60, new Date("2026-07-09T05:55:10Z"))).toEqual({ seconds: 10, stale: false });
  expect(ageOf(KNOWN, 60, new Date("2026-07-09T05:57:01Z"))).toEqual({ seconds: 121, stale: true });
});

test("no sample at all is stale", () => {
  expect(ageOf(null, 60, new Date())).toEqual({ seconds: null, stale: true });
});
