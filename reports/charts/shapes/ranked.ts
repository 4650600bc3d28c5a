/** Horizontal rows with a bar or dot, an interval and the figures as text: the shape of most comparisons. */
import type { TopLevelSpec } from 'vega-lite';
import type { Interval } from '../../../core/stats/interval.ts';
import { shorten } from '../../../core/text/shorten.ts';
import { bottomAxis } from './axes.ts';
import type { Canvas, Scale } from './chart.ts';
import { DESCRIPTION, type Drawing, type Layer, pixels, plain, wordsOf } from './drawing.ts';
import { rowTexts } from './row-texts.ts';
import { CHART_CONFIG, FAINT, FONT_SIZE, figureWidth, MUTED, textWidth } from './theme.ts';

export interface RankedRow extends Interval {
  readonly label: string;
  readonly colour: string;
  /** Written at the end of the row. */
  readonly text: string;
  /** Text shown when the pointer is on the row. */
  readonly tip: string;
  /** The arm, if the row belongs to one. */
  readonly arm?: string;
  /** Drawn as a hollow dot on the same row. */
  readonly second?: number;
}

export interface RankedOptions {
  readonly axisTitle: string;
  /** A dashed vertical line, such as the baseline. */
  readonly reference?: { readonly value: number; readonly label: string };
  /** Bars start at zero; a logarithmic axis, which has none, has only dots. */
  readonly scale: Scale;
  /** True if only whole numbers make sense on the axis. */
  readonly whole?: boolean;
}

const LONGEST_LABEL = 30;
/** An axis ends at this many times the largest estimate, however far intervals extend. */
const WIDEST = 3;

/**
 * Rows from top to bottom in the given order. On a narrow canvas, label and text are above the bar instead of beside
 * it.
 */
export function drawRanked(rows: readonly RankedRow[], canvas: Canvas, options: RankedOptions): Drawing {
  const narrow = canvas.name === 'narrow';
  const labels = rows.map((row) => shorten(row.label, LONGEST_LABEL));
  const left = narrow ? 8 : Math.max(...labels.map((label) => textWidth(label))) + 16;
  const right = narrow ? 12 : Math.max(...rows.map((row) => figureWidth(row.text))) + 20;
  const top = options.reference === undefined ? 6 : 22;
  const rowHeight = narrow ? 40 : 27;
  const width = canvas.width - left - right;
  const height = rows.length * rowHeight;
  const middle = narrow ? 28 : rowHeight / 2;
  const textY = narrow ? 10 : middle;
  const log = options.scale === 'log';
  const ends = [
    ...rows.flatMap((row) => [row.low, row.high, row.second ?? row.value]),
    ...(options.reference ? [options.reference.value] : []),
  ];
  // One unbounded interval would compress all others, so it is cut at the edge, and its text states where it ends.
  const largest =
    WIDEST *
    Math.max(
      ...rows.map(({ value, second = value }) => Math.max(Math.abs(value), Math.abs(second))),
      Math.abs(options.reference?.value ?? 0),
    );
  const within = (end: number) => Math.max(-largest, Math.min(largest, end));
  const positive = ends.filter((end) => end > 0);
  const domain = log
    ? ([Math.min(...positive) / 1.3, Math.max(...positive) * 1.3] as const)
    : ([within(Math.min(0, ...ends)) * 1.04, within(Math.max(...ends)) * 1.04 || 1] as const);
  // An interval may end at zero, which a logarithmic axis lacks, or beyond the axis.
  const shown = (amount: number) => Math.max(domain[0], Math.min(domain[1], amount));
  const values = rows.map(({ value, low, high, second, colour, arm, tip }, slot) => ({
    value: shown(value),
    low: shown(low),
    high: shown(high),
    ...(second === undefined ? {} : { second: shown(second) }),
    zero: 0,
    colour,
    y: slot * rowHeight + middle,
    words: wordsOf({ slot, arm, tip }),
  }));
  const seconds = values.filter((row) => row.second !== undefined);
  const x = bottomAxis({
    scale: options.scale,
    domain,
    title: options.axisTitle,
    // With labels between the bars, grid lines would run through them.
    grid: !narrow,
    count: narrow ? 4 : 6,
    whole: options.whole ?? false,
  });
  const y = pixels('y');
  const mark = { color: plain('colour'), description: DESCRIPTION };
  const layer = [
    ...reference(options, height, narrow ? values.map((row) => row.y) : null),
    ...(log
      ? []
      : [
          {
            mark: { type: 'rule', strokeWidth: narrow ? 9 : 11, opacity: 0.28 },
            encoding: { y, x: { field: 'zero', ...x }, x2: { field: 'value' }, ...mark },
          },
        ]),
    {
      mark: { type: 'rule', strokeWidth: 2.5 },
      encoding: { y, x: { field: 'low', ...x }, x2: { field: 'high' }, ...mark },
    },
    {
      mark: { type: 'point', filled: true, size: 46, opacity: 1 },
      encoding: { y, x: { field: 'value', ...x }, ...mark },
    },
    ...(seconds.length === 0
      ? []
      : [
          {
            data: { values: seconds },
            mark: { type: 'point', filled: false, size: 46, strokeWidth: 1.6, opacity: 1 },
            encoding: { y, x: { field: 'second', ...x }, ...mark },
          },
        ]),
    ...rowTexts(
      rows.map((row, i) => ({ label: labels[i] ?? '', text: row.text, arm: row.arm, y: i * rowHeight + textY })),
      { narrow, width },
    ),
  ] as Layer[];
  return {
    width: canvas.width,
    height: top + height + 40,
    left,
    top,
    rowHeight,
    spec: { width, height, config: CHART_CONFIG, data: { values }, layer } as TopLevelSpec,
  };
}

/** One line over all rows or, if labels are between the bars, a stroke across each bar. */
function reference({ reference: mark }: RankedOptions, height: number, bars: readonly number[] | null) {
  if (mark === undefined) return [];
  const strokes = bars === null ? [{ from: -4, to: height }] : bars.map((bar) => ({ from: bar - 9, to: bar + 9 }));
  const x = { datum: mark.value, type: 'quantitative' };
  return [
    {
      data: { values: strokes },
      mark: { type: 'rule', strokeDash: [3, 3], color: FAINT, aria: false },
      encoding: { x, y: pixels('from'), y2: { field: 'to' } },
    },
    {
      data: { values: [{ label: mark.label }] },
      mark: {
        type: 'text',
        align: 'left',
        baseline: 'middle',
        dx: -2,
        color: MUTED,
        fontSize: FONT_SIZE - 1,
        aria: false,
      },
      encoding: { x, y: { value: -13 }, text: { field: 'label', type: 'nominal' } },
    },
  ];
}
