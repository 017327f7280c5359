const PREFIXES = ["", "k", "M", "G", "T"] as const;

/** At most three significant digits, as an operator reads a gauge: 12,5 · 125 · 1,25. */
function short(value: number, tag: string): string {
  const magnitude = Math.abs(value);
  const digits = magnitude >= 100 ? 0 : magnitude >= 10 ? 1 : 2;
  return new Intl.NumberFormat(tag, { maximumFractionDigits: digits }).format(value);
}

/** A value with its SI prefix (powers of 1000): `scaled(12_500_000, "bps", "vi-VN")` is `12,5 Mbps`. */
export function scaled(value: number | null | undefined, unit: string, tag: string): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  let rest = value;
  let step = 0;
  while (Math.abs(rest) >= 999.5 && step < PREFIXES.length - 1) {
    rest /= 1000;
    step += 1;
  }
  return `${short(rest, tag)} ${PREFIXES[step] ?? ""}${unit}`;
}

export function rate(bps: number | null | undefined, tag: string): string {
  return scaled(bps, "bps", tag);
}

/** A percentage given as 0 to 100: `99,7%`. */
export function percent(value: number | null | undefined, tag: string): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  return new Intl.NumberFormat(tag, { maximumFractionDigits: 1 }).format(value) + "%";
}

export function whole(value: number, tag: string): string {
  return new Intl.NumberFormat(tag, { maximumFractionDigits: 0 }).format(value);
}
