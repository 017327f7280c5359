import type { Column } from "$/components/column";

export const LINK_COLUMNS: readonly Column[] = [
  { key: "upper", label: "topology.upper", shrink: true },
  { key: "lower", label: "topology.lower", shrink: true },
  { key: "use", label: "topology.use", number: true },
  { key: "down", label: "topology.down", number: true, wide: true, roomy: true },
  { key: "up", label: "topology.up", number: true, wide: true, roomy: true },
  { key: "speed", label: "topology.speed", number: true, wide: true, roomy: true },
  { key: "known", label: "topology.known", wide: true },
  { key: "circuit", label: "topology.circuit", grow: true },
];
