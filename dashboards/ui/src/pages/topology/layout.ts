import type { MapEdge, MapGraph, MapNode } from "./graph";

/** A node in its place; `angle` in radians, 0 to the right, growing downwards. */
export interface Placed {
  node: MapNode;
  x: number;
  y: number;
  angle: number;
  depth: number;
  parent: string | null;
  /** Nodes hung on it, shown or not. */
  children: readonly MapNode[];
  folded: boolean;
}

export interface Layout {
  places: ReadonlyMap<string, Placed>;
  edges: readonly MapEdge[];
  /** Half the side of the square that holds everything, labels too. */
  reach: number;
}

const RING = 150;
const SPACING = 23;
const LETTER = 7;
const BESIDE = 40;
const LONGEST = 24;
/** Nodes this far from the core are folded into the one they hang on, until somebody opens it. */
const FOLD_FROM = 2;

/** Rings round the core: each node on the ring of its distance, beneath the one it hangs on; order is by name, so that a
 * place does not depend on how things are. Above `few` nodes, the outer rings are folded but for what is `opened`. */
export function radial(graph: MapGraph, opened: ReadonlySet<string>, few = 80): Layout {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  const hung = hang(graph, nodes);
  const folds = graph.nodes.length > few;
  const shownOf = (id: string, depth: number) =>
    folds && depth + 1 >= FOLD_FROM && !opened.has(id) ? [] : (hung.children.get(id) ?? []);
  const widths = new Map<string, number>();
  const deepest = measure(hung.tops, hung.single ? 0 : 1, shownOf, widths);
  const total = hung.tops.reduce((sum, id) => sum + (widths.get(id) ?? 1), 0);
  const ring = Math.max(RING, (total * SPACING) / (2 * Math.PI * Math.max(1, deepest)));
  const places = new Map<string, Placed>();
  const put = (id: string, depth: number, from: number, to: number, parent: string | null): void => {
    const node = nodes.get(id);
    if (!node) return;
    const angle = (from + to) / 2;
    const shown = shownOf(id, depth);
    const children = (hung.children.get(id) ?? []).flatMap((child) => nodes.get(child) ?? []);
    const [x, y] = [depth * ring * Math.cos(angle), depth * ring * Math.sin(angle)];
    places.set(id, { node, x, y, angle, depth, parent, children, folded: shown.length < children.length });
    spread(shown, from, to, widths, (child, a, b) => put(child, depth + 1, a, b, id));
  };
  const start = -Math.PI / 2;
  spread(hung.tops, start, start + 2 * Math.PI, widths, (id, a, b) => put(id, hung.single ? 0 : 1, a, b, null));
  const edges = graph.edges.filter((edge) => places.has(edge.upper) && places.has(edge.lower));
  const longest = Math.max(0, ...[...places.values()].map((place) => shortened(place.node.label).length));
  return { places, edges, reach: Math.max(1, deepest) * ring + BESIDE + longest * LETTER };
}

/** A label as the map has room for it; the whole name is said on pointing at it. */
export function shortened(label: string): string {
  return label.length > LONGEST ? `${label.slice(0, LONGEST - 1).trimEnd()}…` : label;
}

interface Hung {
  tops: string[];
  /** Whether one node alone is the core, which stands in the middle. */
  single: boolean;
  children: Map<string, string[]>;
}

/** Hangs each node on the first that leads to it from the core. Nodes without any link hang nowhere and are tops. */
function hang(graph: MapGraph, nodes: ReadonlyMap<string, MapNode>): Hung {
  const collator = new Intl.Collator("vi", { numeric: true });
  const byName = (a: string, b: string) => collator.compare(nodes.get(a)?.name ?? a, nodes.get(b)?.name ?? b);
  const below = new Map<string, string[]>();
  for (const edge of graph.edges) below.set(edge.upper, [...(below.get(edge.upper) ?? []), edge.lower]);
  const lower = new Set(graph.edges.map((edge) => edge.lower));
  const cores = [...nodes.keys()].filter((id) => below.has(id) && !lower.has(id)).sort(byName);
  const children = new Map<string, string[]>();
  const seen = new Set<string>(cores);
  const reach = (queue: string[]) => {
    for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
      const found = [...new Set(below.get(id) ?? [])].filter((child) => !seen.has(child)).sort(byName);
      found.forEach((child) => seen.add(child));
      children.set(id, found);
      queue.push(...found);
    }
  };
  reach([...cores]);
  const rest: string[] = [];
  for (const id of [...nodes.keys()].sort(byName)) {
    if (seen.has(id)) continue;
    seen.add(id);
    rest.push(id);
    reach([id]);
  }
  const [core] = cores;
  if (cores.length !== 1 || core === undefined) return { tops: [...cores, ...rest], single: nodes.size === 1, children };
  children.set(core, [...(children.get(core) ?? []), ...rest]);
  return { tops: [core], single: true, children };
}

/** How many leaves each subtree shows; gives back the depth of the deepest. */
function measure(
  ids: readonly string[],
  depth: number,
  shownOf: (id: string, depth: number) => readonly string[],
  widths: Map<string, number>,
): number {
  let deepest = depth;
  for (const id of ids) {
    const shown = shownOf(id, depth);
    if (shown.length) deepest = Math.max(deepest, measure(shown, depth + 1, shownOf, widths));
    widths.set(id, Math.max(1, shown.reduce((sum, child) => sum + (widths.get(child) ?? 1), 0)));
  }
  return deepest;
}

/** Shares an arc among nodes by their widths. */
function spread(
  ids: readonly string[],
  from: number,
  to: number,
  widths: ReadonlyMap<string, number>,
  each: (id: string, from: number, to: number) => void,
): void {
  const total = ids.reduce((sum, id) => sum + (widths.get(id) ?? 1), 0);
  let at = from;
  for (const id of ids) {
    const next = at + ((to - from) * (widths.get(id) ?? 1)) / total;
    each(id, at, next);
    at = next;
  }
}

/** Where an arrow key leads: left and right along the ring, up to the core, down away from it. */
export function step(layout: Layout, from: string, key: string): string | null {
  const here = layout.places.get(from);
  if (!here) return null;
  if (key === "ArrowUp") return here.parent;
  if (key === "ArrowDown") return here.children.find((child) => layout.places.has(child.id))?.id ?? null;
  const ring = [...layout.places.values()].filter((place) => place.depth === here.depth);
  const move = key === "ArrowRight" ? 1 : key === "ArrowLeft" ? -1 : 0;
  return move === 0 ? null : (ring.at((ring.indexOf(here) + move) % ring.length)?.node.id ?? null);
}
