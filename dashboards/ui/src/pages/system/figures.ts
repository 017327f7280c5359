import type { PartView } from "$/api/client";
import { scaled, whole } from "$/format/number";
import type { Key } from "$/i18n/index.svelte";

/** Parts and figures that have a name in both languages; others keep their own. */
const PARTS: Readonly<Record<string, Key>> = {
  collect: "part.collect",
  core: "part.core",
  edge: "part.edge",
  eve: "part.eve",
  eve_journal: "part.eve_journal",
  eve_socket: "part.eve_socket",
  ingest: "part.ingest",
  journal: "part.journal",
  ledger: "part.ledger",
  polling: "part.polling",
  rollout: "part.rollout",
  rules: "part.rules",
  sensor: "part.sensor",
  simulate: "part.simulate",
  suricata: "part.suricata",
};
const FIGURES: Readonly<Record<string, Key>> = {
  alerts: "figure.alerts",
  clock_skew_s: "figure.clock_skew_s",
  connections: "figure.connections",
  cpu_s: "figure.cpu_s",
  damaged_batches: "figure.damaged_batches",
  decoded_packets: "figure.decoded_packets",
  delivery_failures: "figure.delivery_failures",
  devices: "figure.devices",
  dropped: "figure.dropped",
  dropped_lines: "figure.dropped_lines",
  dropped_percent: "figure.dropped_percent",
  dropped_readings: "figure.dropped_readings",
  events: "figure.events",
  files_cut: "figure.files_cut",
  held_bytes: "figure.held_bytes",
  kernel_drops: "figure.kernel_drops",
  kernel_packets: "figure.kernel_packets",
  lag_bytes: "figure.lag_bytes",
  lost_bytes: "figure.lost_bytes",
  missing_lines: "figure.missing_lines",
  open_files: "figure.open_files",
  pending_batches: "figure.pending_batches",
  pending_bytes: "figure.pending_bytes",
  polls: "figure.polls",
  polls_missed: "figure.polls_missed",
  polls_overlapped: "figure.polls_overlapped",
  queued_readings: "figure.queued_readings",
  quiet_s: "figure.quiet_s",
  refused_batches: "figure.refused_batches",
  rejected_lines: "figure.rejected_lines",
  rss_bytes: "figure.rss_bytes",
  rules_loaded: "figure.rules_loaded",
  silent_devices: "figure.silent_devices",
  threads: "figure.threads",
  turned_away: "figure.turned_away",
  unreadable_files: "figure.unreadable_files",
  uptime_s: "figure.uptime_s",
};

type Translate = (key: Key) => string;

export function partName(part: PartView, t: Translate): string {
  const [kind = part.part, name] = part.part.split("/", 2);
  const key = PARTS[kind];
  return key ? [t(key), name].filter(Boolean).join(" ") : part.part;
}

/** A value in the unit that its name ends with: `89,5 MB`, `0,12 s`, `1.310`. */
export function figureValue(name: string, value: number, tag: string): string {
  if (name.endsWith("_bytes")) return scaled(value, "B", tag);
  if (name.endsWith("_bps")) return scaled(value, "bps", tag);
  if (name.endsWith("_s")) return `${new Intl.NumberFormat(tag, { maximumFractionDigits: Math.abs(value) < 10 ? 2 : 0 }).format(value)} s`;
  return whole(value, tag);
}

/** The figures of a part in words, those that are not zero first; names nobody translated keep theirs. */
export function figures(part: PartView, t: Translate, tag: string): { said: string; all: string } {
  const texts = Object.entries(part.figures).map(([name, value]) => {
    const key = FIGURES[name];
    return { zero: Math.abs(value) < 0.005, text: `${key ? t(key) : name} ${figureValue(name, value, tag)}` };
  });
  const join = (some: { text: string }[]) => some.map((figure) => figure.text).join(" · ");
  return { said: join(texts.filter((figure) => !figure.zero)), all: join(texts) };
}
