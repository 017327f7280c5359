import { expect, test } from "vitest";
import type { PartView } from "$/api/client";
import { figures, figureValue, partName } from "./figures";

const PART: PartView = {
  edge: "collect",
  part: "journal",
  state: "running",
  since: "2026-07-09T05:00:00Z",
  at: "2026-07-09T05:00:00Z",
  restarts: 0,
  detail: { vi: "", en: "" },
  figures: { rss_bytes: 89_500_000, dropped: 0, queue: 3 },
};
const key = (name: string) => `<${name}>`;

test("a figure has the unit of its name", () => {
  expect(figureValue("rss_bytes", 89_500_000, "vi-VN")).toBe("89,5 MB");
  expect(figureValue("clock_skew_s", -0.12, "en-GB")).toBe("-0.12 s");
  expect(figureValue("pending_batches", 1310, "vi-VN")).toBe("1.310");
});

test("zeros are left out of the short form only, and unknown names stay", () => {
  const { said, all } = figures(PART, key, "en-GB");
  expect(said).toBe("<figure.rss_bytes> 89.5 MB · queue 3");
  expect(all).toContain("<figure.dropped> 0");
  expect(partName(PART, key)).toBe("<part.journal>");
  expect(partName({ ...PART, part: "other" }, key)).toBe("other");
});
