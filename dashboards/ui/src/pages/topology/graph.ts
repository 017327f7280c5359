import type { Status, TopologyLink, TopologyNode, UnitView } from "$/api/client";

/** What stands on the map: a unit with all its devices, or a device. */
export interface MapNode {
  id: string;
  name: string;
  label: string;
  status: Status;
  /** How many devices stand for it. */
  devices: number;
}

/** All links between two nodes of the map as one line; `upper` is nearer the core. */
export interface MapEdge {
  id: string;
  upper: string;
  lower: string;
  links: readonly TopologyLink[];
  /** The busiest link's utilisation in percent; null where none is measured. */
  busiest: number | null;
}

export interface MapGraph {
  nodes: readonly MapNode[];
  edges: readonly MapEdge[];
}

/** From here on a link's load is shown in colour: before, it says nothing anybody must act on. */
export const BUSY_PCT = 70;
export const FULL_PCT = 90;

export type Load = "unmeasured" | "normal" | "busy" | "full";

export function loadOf(utilisation: number | null | undefined): Load {
  if (utilisation === null || utilisation === undefined) return "unmeasured";
  if (utilisation >= FULL_PCT) return "full";
  return utilisation >= BUSY_PCT ? "busy" : "normal";
}

/** The units as nodes, and what runs between them. */
export function unitGraph(
  nodes: readonly TopologyNode[],
  links: readonly TopologyLink[],
  units: readonly UnitView[],
): MapGraph {
  const at = new Map(nodes.map((node) => [node.id, node.unit]));
  const known = new Map(units.map((unit) => [unit.id, unit]));
  const counts = new Map<string, number>();
  for (const node of nodes) counts.set(node.unit.id, (counts.get(node.unit.id) ?? 0) + 1);
  const shown = new Map(nodes.map((node) => [node.unit.id, node.unit.name]));
  return {
    nodes: [...shown].map(([id, name]) => ({
      id,
      name,
      label: known.get(id)?.short_name ?? name,
      status: known.get(id)?.status ?? "no_data",
      devices: counts.get(id) ?? 0,
    })),
    edges: joined(links, (device) => at.get(device)?.id),
  };
}

/** The devices themselves as nodes. */
export function deviceGraph(nodes: readonly TopologyNode[], links: readonly TopologyLink[]): MapGraph {
  const ids = new Set(nodes.map((node) => node.id));
  return {
    nodes: nodes.map((node) => ({ id: node.id, name: node.name, label: node.name, status: node.status, devices: 1 })),
    edges: joined(links, (device) => (ids.has(device) ? device : undefined)),
  };
}

/** One line for all links between the same two places; links inside a place, or out of sight, are none. */
function joined(links: readonly TopologyLink[], place: (device: string) => string | undefined): MapEdge[] {
  const found = new Map<string, TopologyLink[]>();
  for (const link of links) {
    const upper = link.upper.device ? place(link.upper.device) : undefined;
    const lower = link.lower.device ? place(link.lower.device) : undefined;
    if (upper === undefined || lower === undefined || upper === lower) continue;
    const reverse = `${lower}\n${upper}`;
    const key = found.has(reverse) ? reverse : `${upper}\n${lower}`;
    found.set(key, [...(found.get(key) ?? []), link]);
  }
  return [...found].map(([id, between]) => {
    const [upper = "", lower = ""] = id.split("\n");
    const measured = between.flatMap((link) => link.load?.utilisation_pct ?? []);
    return { id, upper, lower, links: between, busiest: measured.length ? Math.max(...measured) : null };
  });
}
