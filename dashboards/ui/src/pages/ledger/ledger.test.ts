import { expect, test } from "vitest";
import type { LedgerPage, LedgerRowView } from "$/api/client";
import { amount, dayText, found, ledgerLines, reasonName, sourceName } from "./ledger";

const t = (key: string) => `<${key}>`;
const ROW: LedgerRowView = {
  day: "2026-07-09",
  edge: "gialam/collect",
  source: "samples",
  path: "",
  read: 5,
  untold: 0,
  stored: 5,
  duplicates: 0,
  rejected: 0,
  missing: 0,
  balance: "even",
};
const EVE = { ...ROW, edge: "gialam/ingest", source: "6c3f", path: "gialam:/var/log/eve.json", missing: 2, balance: "out" as const };
const PAGE: LedgerPage = {
  first_day: "2026-07-03",
  last_day: "2026-07-09",
  items: [ROW, EVE],
  next: null,
  total: 2,
  counts: { read: 10, untold: 0, stored: 10, duplicates: 0, rejected: 0, missing: 2 },
  out_of_balance: 1,
  drops: [
    { day: "2026-07-09", edge: "gialam/collect", reason: "sample", count: 7, unit: "records" },
    { day: "2026-07-09", edge: "gialam/collect", reason: "reading", count: 1, unit: "records" },
    { day: "2026-07-08", edge: "gialam/collect", reason: "sample", count: 3, unit: "records" },
    { day: "2026-07-09", edge: "gialam/ingest", reason: "event", count: 2, unit: "records" },
    { day: "2026-07-08", edge: "gialam/ingest", reason: "eve_cut_bytes", count: 4100, unit: "bytes" },
  ],
};

test("what was dropped stands beside its source, and otherwise on a line of its edge", () => {
  const lines = ledgerLines(PAGE, true).map((line) => [line.day, line.edge, line.row?.source ?? null, line.dropped]);
  expect(lines).toEqual([
    ["2026-07-09", "gialam/collect", "samples", 8],
    ["2026-07-09", "gialam/ingest", "6c3f", 0],
    ["2026-07-09", "gialam/ingest", null, 2],
    ["2026-07-08", "gialam/collect", null, 3],
    ["2026-07-08", "gialam/ingest", null, 0],
  ]);
  expect(ledgerLines(PAGE, true).at(-1)?.lostBytes).toBe(4100);
  expect(PAGE.drops.map((drop) => amount(drop, "vi-VN")).slice(-2)).toEqual(["2", "4,1 kB"]);
  expect(ledgerLines(PAGE, false)).toHaveLength(2);
});

test("a line is found by its path, its edge and its reason", () => {
  const lines = ledgerLines(PAGE, true);
  expect(found(lines, "EVE.json", false, t)).toHaveLength(1);
  expect(found(lines, "gialam", true, t).map((line) => line.row?.source)).toEqual(["6c3f"]);
  expect(found(lines, "event", false, t)).toHaveLength(1);
});

test("names", () => {
  expect(sourceName({ row: EVE, edge: EVE.edge }, t)).toBe("/var/log/eve.json");
  expect(sourceName({ row: ROW, edge: ROW.edge }, t)).toBe("<ledger.samples>");
  expect(sourceName({ row: { ...ROW, source: "x" }, edge: "e" }, t)).toBe("x");
  expect(sourceName({ row: null, edge: "e" }, t)).toBe("<ledger.drops_of_edge>");
  expect(reasonName("sample", t)).toBe("<drop.sample>");
  expect(reasonName("new", t)).toBe("new");
  expect(dayText("2026-07-09")).toBe("09/07/2026");
});
