import type { DropView, LedgerPage, LedgerRowView } from "$/api/client";
import { fold } from "$/format/fold";
import { scaled, whole } from "$/format/number";
import type { Key } from "$/i18n/index.svelte";
import type { Params } from "$/i18n/message";

/** A line of the table: a source on a day, or (`row` null) what an edge dropped that belongs to no source of it. */
export interface LedgerLine {
  id: string;
  day: string;
  edge: string;
  row: LedgerRowView | null;
  drops: DropView[];
  /** Records, and the bytes of files that were gone before they were read. */
  dropped: number;
  lostBytes: number;
}

/** What is polled has no position; what its edge drops of it is known by its reason. */
const REASONS: Readonly<Record<string, readonly string[]>> = {
  samples: ["sample", "reading"],
  outcomes: ["outcome"],
};
const NAMED: Readonly<Record<string, Key>> = {
  damaged_batch: "drop.damaged_batch",
  eve_cut_bytes: "drop.eve_cut_bytes",
  eve_datagram: "drop.eve_datagram",
  eve_deleted_bytes: "drop.eve_deleted_bytes",
  event: "drop.event",
  facts: "drop.facts",
  foreign_device: "drop.foreign_device",
  kernel: "drop.kernel",
  outcome: "drop.outcome",
  reading: "drop.reading",
  refused_batch: "drop.refused_batch",
  rejected: "drop.rejected",
  sample: "drop.sample",
};
const SHORT = 12;

type Translate = (key: Key, params?: Params) => string;

function line(day: string, edge: string, row: LedgerRowView | null, drops: DropView[]): LedgerLine {
  const id = `${day}/${edge}/${row?.source ?? ""}`;
  return { id, day, edge, row, drops, dropped: dropped(drops, "records"), lostBytes: dropped(drops, "bytes") };
}

/** What was dropped, as far as it is counted in that unit. */
export function dropped(drops: readonly DropView[], unit: DropView["unit"]): number {
  return drops.reduce((sum, drop) => (drop.unit === unit ? sum + drop.count : sum), 0);
}

/** How much a drop was: `120`, `4,1 kB`. */
export function amount(drop: DropView, tag: string): string {
  return drop.unit === "bytes" ? scaled(drop.count, "B", tag) : whole(drop.count, tag);
}

/** The rows of a page with what was dropped: beside the source it was to be part of, or on a line of its own edge. */
export function ledgerLines(page: LedgerPage, isFirst: boolean): LedgerLine[] {
  const left = new Set(page.drops);
  const lines = page.items.map((row) => {
    const own = page.drops.filter(
      (drop) => drop.day === row.day && drop.edge === row.edge && REASONS[row.source]?.includes(drop.reason),
    );
    for (const drop of own) left.delete(drop);
    return line(row.day, row.edge, row, own);
  });
  if (!isFirst) return lines;
  const others = new Map<string, DropView[]>();
  for (const drop of left) {
    const key = `${drop.day}/${drop.edge}`;
    others.set(key, [...(others.get(key) ?? []), drop]);
  }
  for (const drops of others.values()) {
    const [first] = drops;
    if (first) lines.push(line(first.day, first.edge, null, drops));
  }
  return lines.sort((a, b) => b.day.localeCompare(a.day) || a.edge.localeCompare(b.edge));
}

/** Lines that a search for a path, a source or an edge finds, of all or of those that do not add up only. */
export function found(lines: readonly LedgerLine[], sought: string, onlyOut: boolean, t: Translate): LedgerLine[] {
  const wanted = fold(sought);
  return lines.filter(
    (each) =>
      (!onlyOut || each.row?.balance === "out") &&
      fold([each.edge, each.row?.source ?? "", sourceName(each, t), ...each.drops.map((drop) => drop.reason)].join(" ")).includes(wanted),
  );
}

/** Where a source was read, without the name of the remote edge that the core puts before it; or what kind it is. */
export function sourceName({ row, edge }: Pick<LedgerLine, "row" | "edge">, t: Translate): string {
  if (!row) return t("ledger.drops_of_edge");
  if (row.path) {
    const prefix = `${edge.split("/")[0] ?? ""}:`;
    return row.path.startsWith(prefix) ? row.path.slice(prefix.length) : row.path;
  }
  if (row.source === "samples") return t("ledger.samples");
  if (row.source === "outcomes") return t("ledger.outcomes");
  if (row.source.startsWith("sha256:")) return t("ledger.import", { id: row.source.slice(7, 7 + SHORT) });
  return row.source;
}

export function reasonName(reason: string, t: Translate): string {
  const key = NAMED[reason];
  return key ? t(key) : reason;
}

/** A UTC day as it is written in Vietnam: `09/07/2026`. It is no instant, so no zone may move it. */
export function dayText(day: string): string {
  return day.split("-").reverse().join("/");
}
