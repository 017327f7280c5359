import { expect, test } from "vitest";
import type { TopologyLink, TopologyNode } from "$/api/client";
import { deviceGraph, loadOf, unitGraph } from "./graph";
import { radial, step } from "./layout";

const AT = "2026-11-23T00:00:00Z";

function device(id: string, unit: string): TopologyNode {
  return { id, name: id, role: "router", unit: { id: unit, name: unit }, status: "ok", since: null, group: null } as TopologyNode;
}

function link(upper: string, lower: string | null, utilisation: number | null = null): TopologyLink {
  const load = utilisation === null ? null : { down_bps: 1, up_bps: 1, utilisation_pct: utilisation, speed_bps: 1, at: AT };
  return {
    id: `${upper}-${lower}`, upper: { device: upper, port: null }, lower: { device: lower, port: null }, source: "lldp",
    confidence: 1, stale: false, conflict: "", circuit: null, first_seen: AT, last_seen: AT, load,
  };
}

const NODES = [device("core", "centre"), device("d1", "d"), device("d2", "d"), device("w1", "w"), device("alone", "x")];
const LINKS = [link("core", "d1", 20), link("core", "d2", 91), link("d1", "d2"), link("d1", "w1"), link("w1", null)];

test("links between two units are one line, as busy as the busiest of them", () => {
  const graph = unitGraph(NODES, LINKS, []);
  expect(graph.edges.map((edge) => [edge.upper, edge.lower, edge.busiest])).toEqual([
    ["centre", "d", 91],
    ["d", "w", null],
  ]);
  expect(graph.nodes.find((node) => node.id === "d")?.devices).toBe(2);
});

test("load is a colour only where it means something", () => {
  expect([null, 0, 69.9, 70, 90].map(loadOf)).toEqual(["unmeasured", "normal", "normal", "busy", "full"]);
});

test("the core is in the middle, the outer ring folded until it is opened", () => {
  const graph = unitGraph(NODES, LINKS, []);
  const folded = radial(graph, new Set(), 2);
  expect(folded.places.get("centre")).toMatchObject({ x: 0, y: 0, depth: 0 });
  expect(folded.places.get("d")).toMatchObject({ depth: 1, folded: true, parent: "centre" });
  expect(folded.places.has("w")).toBe(false);
  expect(folded.places.has("x"), "who has no link is shown too").toBe(true);
  const opened = radial(graph, new Set(["d"]), 2);
  expect(opened.places.get("w")).toMatchObject({ depth: 2, parent: "d" });
  expect(opened.edges).toHaveLength(2);
});

test("every device has a place of its own, two cores and rings of links included", () => {
  const twins = [...NODES, device("core2", "centre")];
  const circle = [...LINKS, link("core2", "d1"), link("d2", "d1")];
  const layout = radial(deviceGraph(twins, circle), new Set());
  expect(layout.places.size).toBe(twins.length);
  const spots = [...layout.places.values()].map((place) => `${place.x.toFixed(1)},${place.y.toFixed(1)}`);
  expect(new Set(spots).size).toBe(twins.length);
  expect(Math.max(...[...layout.places.values()].map((place) => Math.hypot(place.x, place.y)))).toBeLessThan(layout.reach);
});

test("arrows go along the ring, to the core and away from it", () => {
  const layout = radial(unitGraph(NODES, LINKS, []), new Set());
  expect(step(layout, "centre", "ArrowUp")).toBeNull();
  expect(step(layout, "w", "ArrowUp")).toBe("d");
  expect(step(layout, "d", "ArrowDown")).toBe("w");
  expect(step(layout, "d", "ArrowRight")).toBe("x");
  expect(step(layout, "d", "ArrowLeft")).toBe("x");
});
