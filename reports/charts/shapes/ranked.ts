/** Horizontal rows with a bar or dot, an interval and the figures written out: the shape of most comparisons. */
import type { Interval } from '../../../core/stats/interval.ts';
import { html, type SafeHtml } from '../../html.ts';
import type { Canvas, Scale } from './chart.ts';
import { axis } from './scales.ts';
import { bottomAxis, type Drawing, dashed, dot, group, move, ofArm, ring, rule, text, told } from './svg.ts';
import { FONT_SIZE, figureWidth, INK, MUTED, shorten, textWidth } from './theme.ts';
import { thinTicks } from './ticks.ts';

export interface RankedRow extends Interval {
  readonly label: string;
  readonly colour: string;
  /** Written at the end of the row. */
  readonly text: string;
  /** Told when the row is pointed at. */
  readonly tip: string;
  /** Of a row that is an arm's. */
  readonly arm?: string;
  /** Drawn as a hollow dot on the same row. */
  readonly second?: number;
}

export interface RankedOptions {
  readonly axisTitle: string;
  /** A dashed vertical line, such as the baseline. */
  readonly reference?: { readonly value: number; readonly label: string };
  /** Bars start at zero; on a logarithmic axis, which has none, there are only dots. */
  readonly scale: Scale;
  /** Where only whole numbers make sense on the axis. */
  readonly whole?: boolean;
}

const LONGEST_LABEL = 30;
/** An axis ends at this many times the largest estimate, however far intervals reach. */
const WIDEST = 3;

/** Rows from top to bottom as given. On a narrow canvas, label and text stand above the bar instead of beside it. */
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
  // One interval without bounds would press all others flat: it is cut at the edge, and its text tells where it ends.
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
  const { at, ticks } = axis({
    scale: options.scale,
    domain,
    range: [0, width],
    count: narrow ? 4 : 6,
    whole: options.whole ?? false,
  });
  // An interval may end at zero, where a logarithmic axis has no place, or beyond the axis.
  const x = (amount: number) => at(Math.max(domain[0], Math.min(domain[1], amount)));
  const bar = (row: RankedRow): SafeHtml => {
    const strokes = html`${log ? null : html`<path opacity=".28" stroke-width="${narrow ? 9 : 11}" d="M${Math.round(x(0) * 10) / 10},${middle}H${Math.round(x(row.value) * 10) / 10}"/>`}${rule(x(row.low), middle, x(row.high), middle, 2.5)}${dot(x(row.value), middle, 3.8)}${row.second === undefined ? null : ring(x(row.second), middle, 3.8)}`;
    return told(row.tip, group({ fill: row.colour, stroke: row.colour }, strokes));
  };
  const slots = rows.map((row, index) =>
    ofArm(
      row.arm,
      { class: 'slot', transform: move(0, index * rowHeight) },
      group({ fill: INK, 'text-anchor': narrow ? null : 'end' }, text(narrow ? 0 : -12, textY, labels[index] ?? '')),
      bar(row),
      group(
        { fill: MUTED, 'text-anchor': narrow ? 'end' : null, 'font-size': narrow ? FONT_SIZE - 1 : null },
        text(narrow ? width : width + 12, textY, row.text),
      ),
    ),
  );
  const body = group(
    { transform: move(left, top) },
    // Where labels stand between the bars, grid lines would run through them.
    bottomAxis({ ticks: thinTicks(ticks), title: options.axisTitle, height, grid: !narrow }),
    reference(options, x, height, narrow ? rows.map((_, index) => index * rowHeight + middle) : null),
    slots,
  );
  return { width: canvas.width, height: top + height + 40, body };
}

/** One line over all rows; where labels stand between the bars, a stroke across each bar instead. */
function reference(
  { reference: mark }: RankedOptions,
  at: (amount: number) => number,
  height: number,
  bars: readonly number[] | null,
): SafeHtml | null {
  if (mark === undefined) return null;
  const x = at(mark.value);
  const strokes = bars === null ? [[-4, height] as const] : bars.map((bar) => [bar - 9, bar + 9] as const);
  return html`${dashed(strokes.map(([from, to]) => rule(x, from, x, to)))}${group({ fill: MUTED, 'font-size': FONT_SIZE - 1 }, text(x - 2, -13, mark.label))}`;
}
