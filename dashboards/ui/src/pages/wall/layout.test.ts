import { expect, test } from "vitest";
import type { WallTile } from "$/api/client";
import { layOut, neighbour } from "./layout";

function tile(unit: string, col: number, row: number, district: string): WallTile {
  return {
    unit,
    name: unit,
    short_name: unit,
    kind: "ward",
    status: "ok",
    since: null,
    devices: { total: 1, ok: 1, degraded: 0, down: 0, behind: 0, maintenance: 0, no_data: 0 },
    alerts: 0,
    drill: false,
    district: { id: district, name: district, kind: "district" },
    col,
    row,
  };
}

const LAYOUT = layOut([tile("a", 3, 1, "x"), tile("b", 4, 1, "y"), tile("c", 6, 1, "y"), tile("d", 3, 2, "x")]);
const [A, B] = LAYOUT.tiles;

test("places start at one and keep their gaps", () => {
  expect([LAYOUT.columns, LAYOUT.rows]).toEqual([4, 2]);
  expect(LAYOUT.tiles.map(({ column, row }) => [column, row])).toEqual([
    [1, 1],
    [2, 1],
    [4, 1],
    [1, 2],
  ]);
});

test("seams run between districts only", () => {
  expect([A?.seamRight, A?.seamBelow, B?.seamRight]).toEqual([true, false, false]);
});

test("arrows jump over gaps and stop at the edge", () => {
  expect(neighbour(LAYOUT, B!, "ArrowRight")?.tile.unit).toBe("c");
  expect(neighbour(LAYOUT, A!, "ArrowDown")?.tile.unit).toBe("d");
  expect(neighbour(LAYOUT, A!, "ArrowLeft")).toBeNull();
});
