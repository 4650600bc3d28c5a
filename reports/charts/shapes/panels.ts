/** Small multiples: one panel per series on shared axes, the other series as ghosts behind it. */
import type { Interval } from '../../../core/stats/interval.ts';
import { html, type SafeHtml } from '../../html.ts';
import type { Canvas, Scale } from './chart.ts';
import { drawGrid, labelRoom, panelTitles, RIGHT_ROOM } from './panel-grid.ts';
import { axis } from './scales.ts';
import { type Drawing, dashed, dot, group, line, ofArm, rule, told } from './svg.ts';
import { GHOST, SURFACE } from './theme.ts';

export interface SeriesPoint extends Interval {
  readonly x: number;
  /** Drawn hollow. */
  readonly flagged: boolean;
  /** Told when the point is pointed at. */
  readonly tip?: string;
}

export interface Series {
  readonly name: string;
  /** Whose line it is. */
  readonly arm: string;
  readonly colour: string;
  /** By rising x. */
  readonly points: readonly SeriesPoint[];
}

export interface PanelOptions {
  readonly xTitle: string;
  readonly yTitle: string;
  readonly scale?: Scale;
  /** A dashed level across all panels. */
  readonly level?: number;
}

/** Whether a title is no beginning of its name: it was cut to the same as another one, and numbered. */
function hasNumbers(names: readonly string[], titles: readonly string[]): boolean {
  return titles.some((title, index) => title !== names[index] && !title.endsWith('…'));
}

/** Bounds of amounts on either scale, with a level that must be seen. */
export function amountDomain(all: readonly Series[], scale: Scale, level?: number): readonly [number, number] {
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

/** A line with its intervals and points; a hollow point is flagged. */
export function seriesMarks(
  { points, colour }: Series,
  x: (at: number) => number,
  y: (amount: number) => number,
): SafeHtml {
  const places = points.map((point) => ({ x: x(point.x), y: y(point.value) }));
  return group(
    { fill: colour, stroke: colour, 'stroke-width': 2.2 },
    group({ fill: 'none' }, line(places)),
    points.map((point, index) => {
      const at = places[index] ?? { x: 0, y: 0 };
      return told(
        point.tip,
        rule(at.x, y(point.low), at.x, y(point.high)),
        dot(at.x, at.y, 3.3),
        point.flagged ? group({ fill: SURFACE }, dot(at.x, at.y, 1.8)) : null,
      );
    }),
  );
}

export function drawPanels(all: readonly Series[], canvas: Canvas, options: PanelOptions): Drawing {
  const narrow = canvas.name === 'narrow';
  const scale = options.scale ?? 'linear';
  const height = narrow ? 120 : 140;
  const domain = amountDomain(all, scale, options.level);
  const yAxis = axis({ scale, domain, range: [height, 0], count: 4 });
  // An interval may reach below what a logarithmic axis shows.
  const y = (amount: number) => yAxis.at(Math.max(amount, domain[0]));
  const names = all.map(({ name }) => name);
  const gap = narrow ? 16 : 24;
  const left = labelRoom(yAxis, options.yTitle);
  const widthIn = (columns: number) => Math.floor((canvas.width - left - RIGHT_ROOM - gap * (columns - 1)) / columns);
  const most = Math.min(all.length, narrow ? 2 : 4);
  // Names that two columns would cut to the same get the whole width.
  const columns = narrow && hasNumbers(names, panelTitles(names, widthIn(most))) ? 1 : most;
  const width = widthIn(columns);
  const titles = panelTitles(names, width);
  const xs = [...new Set(all.flatMap(({ points }) => points.map((point) => point.x)))].sort((a, b) => a - b);
  const xAxis = axis({ scale: 'linear', domain: xDomain(xs), range: [8, width - 8], count: 4 });
  const panels = all.map((series, index) => ({
    title: titles[index] ?? series.name,
    arm: series.arm,
    body: html`${group(
      { fill: 'none', stroke: GHOST, 'stroke-width': 1.2 },
      all.flatMap((other) =>
        other === series
          ? []
          : [ofArm(other.arm, {}, line(other.points.map((point) => ({ x: xAxis.at(point.x), y: y(point.value) }))))],
      ),
    )}${options.level === undefined ? null : dashed(rule(0, y(options.level), width, y(options.level)))}${seriesMarks(series, xAxis.at, y)}`,
  }));
  return drawGrid(
    panels,
    {
      columns,
      gap,
      width,
      height,
      xTicks: xs.map((at) => ({ px: xAxis.at(at), label: `${at}` })),
      xTitle: options.xTitle,
      y: yAxis,
      yTitle: options.yTitle,
    },
    left,
  );
}

/** One place alone stands in the middle. */
export function xDomain(xs: readonly number[]): readonly [number, number] {
  const [low, high] = [Math.min(...xs), Math.max(...xs)];
  return low < high ? [low, high] : [low - 1, high + 1];
}
