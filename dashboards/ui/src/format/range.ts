/** A time range as the URL has it: both ends absolute (ISO 8601), or relative (`now-6h`) and then it stays relative. */
export interface RangeText {
  from: string;
  to: string;
}

export interface Range {
  start: Date;
  end: Date;
}

export const PRESETS = ["15m", "1h", "6h", "24h", "7d"] as const;
export type Preset = (typeof PRESETS)[number];

const RELATIVE = /^now(?:-(\d+)([mhd]))?$/;
const UNIT_MS: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

function end(text: string, now: Date): Date | null {
  const relative = RELATIVE.exec(text);
  if (relative) {
    const [, count, unit] = relative;
    return new Date(now.getTime() - Number(count ?? 0) * (UNIT_MS[unit ?? "m"] ?? 0));
  }
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? null : at;
}

export function isRelative(range: RangeText): boolean {
  return RELATIVE.test(range.from) && RELATIVE.test(range.to);
}

/** The instants of a range; text that nobody can read falls back to the last `fallback`. */
export function resolve(range: RangeText, now: Date, fallback: Preset = "24h"): Range {
  const start = end(range.from, now);
  const stop = end(range.to, now);
  if (start && stop && start < stop) return { start, end: stop };
  return { start: end(`now-${fallback}`, now) ?? now, end: now };
}

/** The preset of a range, or null when it is the operator's own. */
export function presetOf(range: RangeText): Preset | null {
  return range.to === "now" ? (PRESETS.find((preset) => range.from === `now-${preset}`) ?? null) : null;
}

export function absolute(start: Date, stop: Date): RangeText {
  return { from: start.toISOString(), to: stop.toISOString() };
}

/** The range moved by its own width, backward (-1) or forward (+1); it becomes absolute. */
export function shifted(range: RangeText, direction: -1 | 1, now: Date): RangeText {
  const { start, end: stop } = resolve(range, now);
  const width = stop.getTime() - start.getTime();
  return absolute(new Date(start.getTime() + direction * width), new Date(stop.getTime() + direction * width));
}
