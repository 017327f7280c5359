import type { WallTile } from "$/api/client";

export interface PlacedTile {
  tile: WallTile;
  /** 1-based place in the CSS grid. */
  column: number;
  row: number;
  /** Whether another district begins to the right or below, where the map shows a seam. */
  seamRight: boolean;
  seamBelow: boolean;
}

export interface TileLayout {
  columns: number;
  rows: number;
  tiles: PlacedTile[];
}

/** The tiles in their fixed places; a place never depends on a status, so that the eye can learn the map. */
export function layOut(tiles: readonly WallTile[]): TileLayout {
  if (tiles.length === 0) return { columns: 1, rows: 1, tiles: [] };
  const firstColumn = Math.min(...tiles.map((tile) => tile.col));
  const firstRow = Math.min(...tiles.map((tile) => tile.row));
  const at = new Map(tiles.map((tile) => [`${tile.col},${tile.row}`, tile]));
  const differs = (tile: WallTile, column: number, row: number) => {
    const other = at.get(`${column},${row}`);
    return other !== undefined && other.district?.id !== tile.district?.id;
  };
  return {
    columns: Math.max(...tiles.map((tile) => tile.col)) - firstColumn + 1,
    rows: Math.max(...tiles.map((tile) => tile.row)) - firstRow + 1,
    tiles: tiles.map((tile) => ({
      tile,
      column: tile.col - firstColumn + 1,
      row: tile.row - firstRow + 1,
      seamRight: differs(tile, tile.col + 1, tile.row),
      seamBelow: differs(tile, tile.col, tile.row + 1),
    })),
  };
}

/** The tile an arrow key leads to: the nearest one in that direction, or null at the edge. */
export function neighbour(layout: TileLayout, from: PlacedTile, key: string): PlacedTile | null {
  const ahead: Record<string, (other: PlacedTile) => number> = {
    ArrowRight: (other) => (other.row === from.row ? other.column - from.column : 0),
    ArrowLeft: (other) => (other.row === from.row ? from.column - other.column : 0),
    ArrowDown: (other) => (other.column === from.column ? other.row - from.row : 0),
    ArrowUp: (other) => (other.column === from.column ? from.row - other.row : 0),
  };
  const distance = ahead[key];
  if (!distance) return null;
  return layout.tiles
    .filter((other) => distance(other) > 0)
    .reduce<PlacedTile | null>((best, other) => (best && distance(best) <= distance(other) ? best : other), null);
}
