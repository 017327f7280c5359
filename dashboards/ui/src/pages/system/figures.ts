import type { PartView } from "$/api/client";
import { scaled, whole } from "$/format/number";
import type { Key } from "$/i18n/index.svelte";

/** Parts and figures that have a name in both languages; others keep their own. */
const PARTS: Readonly<Record<string, Key>> = {
  collect: "part.collect",
  core: "part.core",
  edge: "part.edge",
  eve: "part.eve",
  ingest: "part.ingest",
  journal: "part.journal",
  ledger: "part.ledger",
  polling: "part.polling",
  sensor: "part.sensor",
  simulate: "part.simulate",
};
const FIGURES: Readonly<Record<string, Key>> = {
  clock_skew_s: "figure.clock_skew_s",
  cpu_s: "figure.cpu_s",
  damaged_batches: "figure.damaged_batches",
  delivery_failures: "figure.delivery_failures",
  devices: "figure.devices",
  dropped: "figure.dropped",
  dropped_readings: "figure.dropped_readings",
  kernel_drops: "figure.kernel_drops",
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
  refused_batches: "figure.refused_batches",
  rejected_lines: "figure.rejected_lines",
  rss_bytes: "figure.rss_bytes",
  silent_devices: "figure.silent_devices",
  threads: "figure.threads",
};

type Translate = (key: Key) => string;

export function partName(part: PartView, t: Translate): string {
  const key = PARTS[part.part];
  return key ? t(key) : part.part;
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
