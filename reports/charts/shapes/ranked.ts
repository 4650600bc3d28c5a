/** Horizontal rows with a bar or dot, an interval and the figures written out: the shape of most comparisons. */

import type { TopLevelSpec } from 'vega-lite';
import type { Interval } from '../../../core/stats/interval.ts';
import type { Canvas } from './chart.ts';
import { CHART_CONFIG, FAINT, FONT_SIZE, figureWidth, GRID, INK, MUTED, shorten, textWidth } from './theme.ts';

export interface RankedRow extends Interval {
  readonly label: string;
  readonly colour: string;
  /** Written at the end of the row. */
  readonly text: string;
  /** Drawn as a hollow dot on the same row. */
  readonly second?: number;
}

export interface RankedOptions {
  readonly axisTitle: string;
  /** A dashed vertical line, such as the baseline. */
  readonly reference?: { readonly value: number; readonly label: string };
  /** Bars start at zero; on a logarithmic axis, which has none, there are only dots. */
  readonly scale: 'linear' | 'log';
  /** 1 where only whole numbers make sense on the axis. */
  readonly tickMinStep?: number;
}

const LONGEST_LABEL = 30;

/** Rows from top to bottom as given. On a narrow canvas, label and text stand above the bar instead of beside it. */
export function rankedSpec(rows: readonly RankedRow[], canvas: Canvas, options: RankedOptions): TopLevelSpec {
  const narrow = canvas.name === 'narrow';
  const labels = rows.map((row) => shorten(row.label, LONGEST_LABEL));
  const left = narrow ? 8 : Math.max(...labels.map((label) => textWidth(label))) + 16;
  const right = narrow ? 12 : Math.max(...rows.map((row) => figureWidth(row.text))) + 20;
  const top = options.reference === undefined ? 6 : 22;
  const rowHeight = narrow ? 40 : 27;
  const width = canvas.width - left - right;
  const height = rows.length * rowHeight;
  const middle = narrow ? 28 : rowHeight / 2;
  const values = rows.map((row, index) => ({
    ...row,
    label: labels[index],
    y: index * rowHeight + middle,
    textY: narrow ? index * rowHeight + 10 : index * rowHeight + middle,
  }));
  const log = options.scale === 'log';
  const seconds = values.filter((row) => row.second !== undefined);
  const ends = rows.flatMap((row) => [row.low, row.high, row.second ?? row.value]);
  const domain = log
    ? ([Math.min(...ends.filter((end) => end > 0)) / 1.3, Math.max(...ends) * 1.3] as const)
    : ([Math.min(0, ...ends) * 1.04, Math.max(...ends) * 1.04 || 1] as const);
  const x = {
    field: 'value',
    type: 'quantitative' as const,
    scale: log ? { type: 'log' as const, domain: [...domain] } : { domain: [...domain], nice: false },
    axis: {
      title: options.axisTitle,
      titleAnchor: 'start' as const,
      tickCount: log ? 4 : narrow ? 4 : 6,
      ...(options.tickMinStep === undefined ? {} : { tickMinStep: options.tickMinStep }),
      // Where labels stand between the bars, grid lines would run through them.
      grid: !narrow,
      ticks: narrow,
      labelOverlap: 'greedy' as const,
      ...(log ? { values: powersOfTen(domain), format: '~g' } : {}),
    },
  };
  const y = { field: 'y', type: 'quantitative' as const, scale: null, axis: null };
  const colour = { field: 'colour', type: 'nominal' as const, scale: null };
  const barWidth = narrow ? 9 : 11;
  return {
    width,
    height,
    autosize: { type: 'none' },
    padding: { left, right, top, bottom: 40 },
    config: CHART_CONFIG,
    data: { values },
    layer: [
      log
        ? { mark: { type: 'rule', color: GRID }, encoding: { y, x: { value: 0 }, x2: { value: width } } }
        : {
            mark: { type: 'rule', strokeWidth: barWidth, strokeCap: 'butt', opacity: 0.28 },
            encoding: { y, x, x2: { datum: 0 }, color: colour },
          },
      ...reference(options, height, narrow ? values.map((row) => row.y) : null),
      {
        mark: { type: 'rule', strokeWidth: 2.5 },
        encoding: { y, x: { ...x, field: 'low' }, x2: { field: 'high' }, color: colour },
      },
      {
        mark: { type: 'point', filled: true, size: 46, opacity: 1 },
        encoding: { y, x, color: colour },
      },
      ...(seconds.length === 0
        ? []
        : [
            {
              data: { values: seconds },
              mark: { type: 'point' as const, filled: false, size: 46, strokeWidth: 1.5, opacity: 1 },
              encoding: { y, x: { ...x, field: 'second' }, color: colour },
            },
          ]),
      {
        mark: { type: 'text', align: narrow ? 'left' : 'right', baseline: 'middle', color: INK },
        encoding: {
          y: { ...y, field: 'textY' },
          x: { value: narrow ? 0 : -12 },
          text: { field: 'label', type: 'nominal' },
        },
      },
      {
        mark: {
          type: 'text',
          align: narrow ? 'right' : 'left',
          baseline: 'middle',
          fontSize: narrow ? FONT_SIZE - 1 : FONT_SIZE,
          color: MUTED,
        },
        encoding: {
          y: { ...y, field: 'textY' },
          x: { value: narrow ? width : width + 12 },
          text: { field: 'text', type: 'nominal' },
        },
      },
    ],
  };
}

/** Those within the domain; nearer ticks would crowd the axis. */
function powersOfTen([from, to]: readonly [number, number]): number[] {
  const first = Math.ceil(Math.log10(from));
  const count = Math.max(0, Math.floor(Math.log10(to)) - first + 1);
  return Array.from({ length: count }, (_, index) => 10 ** (first + index));
}

/** One line over all rows; where labels stand between the bars, a stroke across each bar instead. */
function reference({ reference: line }: RankedOptions, height: number, bars: readonly number[] | null) {
  if (line === undefined) return [];
  const x = { datum: line.value, type: 'quantitative' as const };
  const strokes = bars === null ? [{ from: -4, to: height }] : bars.map((bar) => ({ from: bar - 9, to: bar + 9 }));
  const pixels = { type: 'quantitative' as const, scale: null, axis: null };
  return [
    {
      data: { values: strokes },
      mark: { type: 'rule' as const, strokeDash: [3, 3], color: FAINT },
      encoding: { x, y: { field: 'from', ...pixels }, y2: { field: 'to' } },
    },
    {
      data: { values: [{ label: line.label }] },
      mark: {
        type: 'text' as const,
        align: 'left' as const,
        baseline: 'bottom' as const,
        dx: -2,
        color: MUTED,
        fontSize: FONT_SIZE - 1,
      },
      encoding: { x, y: { value: -7 }, text: { field: 'label', type: 'nominal' as const } },
    },
  ];
}
