/** Every time is shown in the city's own zone, whatever the browser's. */
export const ZONE = "Asia/Ho_Chi_Minh";

type Parts = Record<"year" | "month" | "day" | "hour" | "minute" | "second", string>;

const PARTS = new Intl.DateTimeFormat("en-GB", {
  timeZone: ZONE,
  hourCycle: "h23",
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});

function parts(at: Date): Parts {
  return Object.fromEntries(PARTS.formatToParts(at).map((part) => [part.type, part.value])) as Parts;
}

/** `08:05 09/07/2026`: time first, then the day, as it is written in Vietnam. */
export function dateTime(at: Date | string): string {
  const p = parts(new Date(at));
  return `${p.hour}:${p.minute} ${p.day}/${p.month}/${p.year}`;
}

/** `08:05:07 09/07/2026`. */
export function dateTimeSeconds(at: Date | string): string {
  const p = parts(new Date(at));
  return `${p.hour}:${p.minute}:${p.second} ${p.day}/${p.month}/${p.year}`;
}

/** `08:05:07`. */
export function clock(at: Date | string): string {
  const p = parts(new Date(at));
  return `${p.hour}:${p.minute}:${p.second}`;
}

/** `08:05`, or `08:05 09/07` when the day is not today's. */
export function brief(at: Date | string, now: Date): string {
  const p = parts(new Date(at));
  const today = parts(now);
  const sameDay = p.day === today.day && p.month === today.month && p.year === today.year;
  return sameDay ? `${p.hour}:${p.minute}` : `${p.hour}:${p.minute} ${p.day}/${p.month}`;
}

/** The weekday and date in words: `Thứ Năm, 9 tháng 7, 2026`. */
export function longDate(at: Date, tag: string): string {
  return new Intl.DateTimeFormat(tag, { timeZone: ZONE, dateStyle: "full" }).format(at);
}

const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

/** `3 phút trước`. */
export function ago(at: Date | string, now: Date, tag: string): string {
  const seconds = Math.round((now.getTime() - new Date(at).getTime()) / 1000);
  const [unit, size] = STEPS.find(([, length]) => Math.abs(seconds) >= length) ?? ["second", 1];
  return new Intl.RelativeTimeFormat(tag, { numeric: "always" }).format(-Math.trunc(seconds / size), unit);
}

/** A span in its two largest units: `2 giờ 14 phút`, `45 giây`. */
export function span(seconds: number, tag: string): string {
  let rest = Math.max(0, Math.round(seconds));
  const words: string[] = [];
  for (const [unit, size] of STEPS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) {
      words.push(new Intl.NumberFormat(tag, { style: "unit", unit, unitDisplay: "long" }).format(count));
    }
    if (words.length === 2 || (words.length === 1 && count === 0)) break;
  }
  return words.join(" ") || new Intl.NumberFormat(tag, { style: "unit", unit: "second", unitDisplay: "long" }).format(0);
}
