import { expect, test, vi } from "vitest";
import type { SeriesView } from "$/api/client";

// uPlot looks at the screen when it is loaded; only the pure part is under test here.
vi.mock("uplot", () => ({ default: {} }));
const { withGaps } = await import("./graph");

const SERIES: SeriesView = {
  device: "d",
  measurement: "interface",
  index: "1",
  start: "2026-07-09T00:00:00Z",
  end: "2026-07-09T01:00:00Z",
  step_s: 60,
  at: ["2026-07-09T00:00:00Z", "2026-07-09T00:01:00Z", "2026-07-09T00:05:00Z"],
  columns: { in_bps: [1, 2, 3], out_bps: [4, null, 6] },
  units: { in_bps: "bit/s", out_bps: "bit/s" },
};

test("a missing step breaks the line instead of being bridged", () => {
  const [at, inward, outward] = withGaps(SERIES, [
    { column: "in_bps", label: "in", color: "--series-in" },
    { column: "out_bps", label: "out", color: "--series-out" },
  ]);
  const start = Date.parse("2026-07-09T00:00:00Z") / 1000;
  expect(at).toEqual([start, start + 60, start + 120, start + 300]);
  expect(inward).toEqual([1, 2, null, 3]);
  expect(outward).toEqual([4, null, null, 6]);
});

test("a column the server does not know is empty, not an error", () => {
  expect(withGaps(SERIES, [{ column: "nothing", label: "", color: "--series-in" }])[1]).toEqual([null, null, null, null]);
});
