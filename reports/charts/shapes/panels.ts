/** Small multiples: one panel per series on shared axes, the other series as ghosts behind it. */
import type { Interval } from '../../../core/stats/interval.ts';
import { type AxisOptions, type Bounds, bottomAxis, labelRoom, leftAxis, RIGHT_ROOM } from './axes.ts';
import type { Canvas, Scale } from './chart.ts';
import { DESCRIPTION, type Drawing, type Layer, plain, plainNumber, wordsOf } from './drawing.ts';
import { drawGrid, ofKind, panelTitles } from './panel-grid.ts';
import { FAINT, GHOST, SURFACE } from './theme.ts';
import { thinTicks } from './ticks.ts';

export interface SeriesPoint extends Interval {
  readonly x: number;
  /** Drawn hollow. */
  readonly flagged: boolean;
  /** Text shown when the pointer is on the point. */
  readonly tip?: string;
}

export interface Series {
  readonly name: string;
  /** The arm of the line. */
  readonly arm: string;
  readonly colour: string;
  /** Points by rising x. */
  readonly points: readonly SeriesPoint[];
}

export interface PanelOptions {
  readonly xTitle: string;
  readonly yTitle: string;
  readonly scale?: Scale;
  /** A dashed level across all panels. */
  readonly level?: number;
}

/**
 * Whether a title is not the beginning of its name, because it was cut to the same text as another one, and numbered.
 */
export function hasNumbers(names: readonly string[], titles: readonly string[]): boolean {
  return titles.some((title, index) => title !== names[index] && !title.endsWith('…'));
}

/** Bounds of values on either scale, including a level that must be visible. */
export function amountDomain(all: readonly Series[], scale: Scale, level?: number): Bounds {
  const points = all.flatMap(({ points: own }) => own);
  const levels = level === undefined ? [] : [level];
  if (scale === 'linear') {
    return [
      Math.min(0, ...points.map(({ low }) => low)),
      Math.max(...points.map(({ high }) => high), ...levels) * 1.04 || 1,
    ];
  }
  const positive = [...points.flatMap(({ low, value, high }) => [low, value, high]), ...levels].filter(
    (amount) => amount > 0,
  );
  return positive.length === 0 ? [0.9, 1.1] : [Math.min(...positive) / 1.15, Math.max(...positive) * 1.15];
}

/** The domain of x; a single value is placed in the middle. */
export function xDomain(xs: readonly number[]): Bounds {
  const [low, high] = [Math.min(...xs), Math.max(...xs)];
  return low < high ? [low, high] : [low - 1, high + 1];
}

/** Layers of lines with intervals and points, for rows as `lineRows` and `pointRows` make them. */
export function seriesLayers(x: object, y: object): Layer[] {
  const at = { x: { field: 'x', ...x }, y: { field: 'value', ...y } };
  return [
    {
      transform: ofKind('line'),
      mark: { type: 'line' },
      encoding: {
        ...at,
        color: plain('colour'),
        strokeWidth: plainNumber('thick'),
        strokeDash: plain('dash'),
        detail: { field: 'line', type: 'nominal' },
        description: DESCRIPTION,
      },
    },
    {
      transform: [{ filter: "datum.kind === 'point' || datum.kind === 'interval'" }],
      mark: { type: 'rule', strokeWidth: 2.2 },
      encoding: {
        x: at.x,
        y: { field: 'low', ...y },
        y2: { field: 'high' },
        color: plain('colour'),
        description: DESCRIPTION,
      },
    },
    {
      transform: ofKind('point'),
      mark: { type: 'point', filled: true, size: 34, opacity: 1 },
      encoding: { ...at, color: plain('colour'), description: DESCRIPTION },
    },
    {
      transform: [{ filter: "datum.kind === 'point' && datum.flagged" }],
      mark: { type: 'point', filled: true, size: 10, opacity: 1, color: SURFACE },
      encoding: { ...at, description: DESCRIPTION },
    },
  ] as Layer[];
}

const NO_DASH = [1, 0];
const DASHED = [3, 3];

export interface LineLook {
  readonly colour: string;
  readonly thick: number;
  readonly dashed?: boolean;
  /** The arm that hides the line; absent if its whole panel is hidden. */
  readonly arm?: string | undefined;
}

/** @param line distinguishes it from the others */
export function lineRows(
  points: readonly { readonly x: number; readonly value: number }[],
  line: string,
  { colour, thick, dashed = false, arm }: LineLook,
) {
  const shared = { kind: 'line', line, colour, thick, dash: dashed ? DASHED : NO_DASH, words: wordsOf({ arm }) };
  return points.map(({ x, value }) => ({ x, value, ...shared }));
}

/** Rows of an interval without points, for an extrapolated part. */
export function intervalRows(points: readonly SeriesPoint[], colour: string, lowest: number, arm?: string) {
  return points.map(({ x, low, high, tip }) => ({
    kind: 'interval',
    x,
    low: Math.max(lowest, low),
    high: Math.max(lowest, high),
    colour,
    words: wordsOf({ arm, tip }),
  }));
}

/** Values below the axis are drawn at its start: an interval may extend below what a logarithmic axis shows. */
export function pointRows({ points, colour }: Series, lowest: number, arm?: string) {
  return points.map(({ x, value, low, high, flagged, tip }) => ({
    kind: 'point',
    x,
    value: Math.max(lowest, value),
    low: Math.max(lowest, low),
    high: Math.max(lowest, high),
    flagged,
    colour,
    words: wordsOf({ arm, tip }),
  }));
}

/** The lines behind that of a panel. Its own is hidden by it: with it, the ghosts of all panels are the same. */
export const ghostsOf = <T>(all: readonly T[]): readonly T[] => (all.length > 1 ? all : []);

export function drawPanels(all: readonly Series[], canvas: Canvas, options: PanelOptions): Drawing {
  const narrow = canvas.name === 'narrow';
  const scale = options.scale ?? 'linear';
  const domain = amountDomain(all, scale, options.level);
  const amounts: AxisOptions = { scale, domain, title: options.yTitle };
  const names = all.map(({ name }) => name);
  const gap = narrow ? 16 : 24;
  const left = labelRoom(amounts);
  const widthIn = (columns: number) => Math.floor((canvas.width - left - RIGHT_ROOM - gap * (columns - 1)) / columns);
  const most = Math.min(all.length, narrow ? 2 : 4);
  // Names that two columns would cut to the same get the whole width.
  const columns = narrow && hasNumbers(names, panelTitles(names, widthIn(most))) ? 1 : most;
  const width = widthIn(columns);
  const xs = [...new Set(all.flatMap(({ points }) => points.map((point) => point.x)))].sort((a, b) => a - b);
  const span = xDomain(xs);
  const px = (at: number) => (width * (at - span[0])) / (span[1] - span[0]);
  const ticks = thinTicks(xs.map((at) => ({ at, px: px(at), label: `${at}` })));
  const x = bottomAxis({ scale: 'linear', domain: span, padding: 8, title: options.xTitle, ticks });
  const shown = (series: Series) =>
    series.points.map((point) => ({ x: point.x, value: Math.max(domain[0], point.value) }));
  const rows = all.flatMap((series, panel) => {
    const ghosts = ghostsOf(all).flatMap((other, index) =>
      lineRows(shown(other), `ghost ${index}`, { colour: GHOST, thick: 1.2, arm: other.arm }),
    );
    const own = lineRows(shown(series), 'own', { colour: series.colour, thick: 2.2 });
    return [...ghosts, ...own, ...pointRows(series, domain[0])].map((row) => ({ ...row, panel }));
  });
  const level: Layer[] =
    options.level === undefined
      ? []
      : [
          {
            mark: { type: 'rule', strokeDash: DASHED, color: FAINT, aria: false },
            encoding: { y: { datum: options.level, type: 'quantitative' } },
          },
        ];
  return drawGrid({
    left,
    columns,
    gap,
    width,
    height: narrow ? 120 : 140,
    titles: panelTitles(names, width),
    arms: all.map(({ arm }) => arm),
    rows,
    layer: [...level, ...seriesLayers(x, leftAxis(amounts))],
  });
}
