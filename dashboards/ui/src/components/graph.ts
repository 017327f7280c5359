import uPlot from "uplot";
import type { SeriesView } from "$/api/client";
import { scaled } from "$/format/number";
import { clock, ZONE } from "$/format/time";

export interface Line {
  column: string;
  label: string;
  /** A custom property of the theme. */
  color: "--series-in" | "--series-out";
}

export type Points = [at: number[], ...columns: (number | null)[][]];

/** The series for uPlot: seconds, and an empty point wherever a step is missing, so that a gap is drawn as a gap. */
export function withGaps(series: SeriesView, lines: readonly Line[]): Points {
  const at: number[] = [];
  const columns: (number | null)[][] = lines.map(() => []);
  let before: number | null = null;
  series.at.forEach((instant, place) => {
    const seconds = new Date(instant).getTime() / 1000;
    if (before !== null && seconds - before > series.step_s * 1.5) {
      at.push(before + series.step_s);
      columns.forEach((column) => column.push(null));
    }
    at.push(seconds);
    lines.forEach(({ column }, index) => columns[index]?.push(series.columns[column]?.[place] ?? null));
    before = seconds;
  });
  return [at, ...columns];
}

const DAY_S = 86_400;
const FEW_POINTS = 40;

function timeLabel(seconds: number, span: number): string {
  const at = new Date(seconds * 1000);
  if (span <= 1.5 * DAY_S) return clock(at).slice(0, span < 600 ? 8 : 5);
  const date = new Intl.DateTimeFormat("en-GB", { timeZone: ZONE, day: "2-digit", month: "2-digit" }).format(at);
  return `${clock(at).slice(0, 5)}\n${date}`;
}

export interface GraphSetting {
  width: number;
  height: number;
  lines: readonly Line[];
  start: number;
  end: number;
  /** Unit after the SI prefix, `bps`. */
  unit: string;
  tag: string;
  /** Graphs with one key share the cursor. */
  sync: string;
  hover: (place: number | null) => void;
  zoom: (start: Date, end: Date) => void;
}

/** uPlot's options in the theme's own colours, read now: a canvas does not follow custom properties by itself. */
export function options(setting: GraphSetting): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string) => style.getPropertyValue(name).trim();
  const axis = {
    stroke: color("--text-muted"),
    font: `12px ${style.getPropertyValue("--font")}`,
    grid: { stroke: color("--grid-line"), width: 1 },
    ticks: { show: false },
  };
  return {
    width: setting.width,
    height: setting.height,
    legend: { show: false },
    padding: [8, 8, 0, 0],
    scales: {
      x: { time: true, range: [setting.start, setting.end] },
      y: { range: (_, __, max) => [0, Math.max(max * 1.1, 1)] },
    },
    series: [
      {},
      ...setting.lines.map((line) => ({
        label: line.label,
        stroke: color(line.color),
        width: 1.5,
        // A line between few samples is hardly seen, and a lone sample makes none at all.
        points: { show: (_plot: uPlot, _series: number, first: number, last: number) => last - first < FEW_POINTS, size: 5 },
        ...(line.color === "--series-in" ? { fill: `${color(line.color)}22` } : {}),
      })),
    ],
    axes: [
      { ...axis, size: 40, values: (_, splits) => splits.map((split) => timeLabel(split, setting.end - setting.start)) },
      { ...axis, size: 84, values: (_, splits) => splits.map((split) => scaled(split, setting.unit, setting.tag)) },
    ],
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), ZONE),
    cursor: {
      sync: { key: setting.sync, setSeries: false },
      drag: { x: true, y: false, setScale: false },
      points: { size: 7 },
      y: false,
    },
    hooks: {
      setCursor: [(plot) => setting.hover(plot.cursor.idx ?? null)],
      setSelect: [
        (plot) => {
          if (plot.select.width < 8) return;
          const from = plot.posToVal(plot.select.left, "x");
          const to = plot.posToVal(plot.select.left + plot.select.width, "x");
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          setting.zoom(new Date(from * 1000), new Date(to * 1000));
        },
      ],
    },
  };
}
