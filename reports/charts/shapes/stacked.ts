/** Horizontal rows of parts that add up, with a legend above and the total at the end. */
import type { TopLevelSpec } from 'vega-lite';
import { shorten } from '../../../core/text/shorten.ts';
import { bottomAxis } from './axes.ts';
import type { Canvas } from './chart.ts';
import { DESCRIPTION, type Drawing, type Layer, pixels, plain, wordsOf } from './drawing.ts';
import { rowTexts } from './row-texts.ts';
import { CHART_CONFIG, FAINT, figureWidth, INK, SURFACE, textWidth } from './theme.ts';

export interface Part {
  readonly name: string;
  readonly colour: string;
}

export interface StackedRow {
  /** The arm's name. */
  readonly label: string;
  /** Written at the end of the row. */
  readonly text: string;
  /** One amount per part, in the order of the parts. A negative one goes to the left of zero. */
  readonly amounts: readonly number[];
  /** The text of each part, shown when the pointer is on it. */
  readonly tips: readonly string[];
}

interface Segment {
  readonly from: number;
  readonly to: number;
  readonly colour: string;
  readonly part: number;
}

/** The start and end of each part: positive ones to the right of zero, negative ones to its left. */
export function stack(amounts: readonly number[], parts: readonly Part[]): Segment[] {
  let right = 0;
  let left = 0;
  return parts.flatMap(({ colour }, part) => {
    const amount = amounts[part] ?? 0;
    if (amount === 0) return [];
    const from = amount > 0 ? right : left;
    const to = from + amount;
    if (amount > 0) right = to;
    else left = to;
    return [{ from, to, colour, part }];
  });
}

interface LegendEntry extends Part {
  readonly x: number;
  readonly y: number;
}

export const LEGEND_LINE = 20;

/**
 * Places parts from left to right, and continues on the next line if there is no more room.
 * @param sample width of the sample before each name, px
 */
export function layLegend(parts: readonly Part[], width: number, sample = 10): LegendEntry[] {
  let x = 0;
  let line = 0;
  return parts.map((part) => {
    const needed = textWidth(part.name) + sample + 8;
    if (x > 0 && x + needed > width) {
      x = 0;
      line += 1;
    }
    const entry = { ...part, x, y: line * LEGEND_LINE };
    x += needed + 16;
    return entry;
  });
}

/** Squares with names. */
export function squareLegend(entries: readonly LegendEntry[], left = 0, top = 0): Layer[] {
  const values = entries.map(({ x, y, name, colour }) => ({ x: x + left, y: y + top + 10, name, colour }));
  return [
    {
      data: { values },
      mark: { type: 'point', shape: 'square', filled: true, size: 90, opacity: 1, xOffset: 4.75, aria: false },
      encoding: { x: pixels('x'), y: pixels('y'), color: plain('colour') },
    },
    {
      data: { values },
      mark: { type: 'text', align: 'left', baseline: 'middle', dx: 15, color: INK, aria: false },
      encoding: { x: pixels('x'), y: pixels('y'), text: { field: 'name', type: 'nominal' } },
    },
  ];
}

const LONGEST_LABEL = 30;

export function drawStacked(
  rows: readonly StackedRow[],
  parts: readonly Part[],
  canvas: Canvas,
  axisTitle: string,
): Drawing {
  const narrow = canvas.name === 'narrow';
  const labels = rows.map((row) => shorten(row.label, LONGEST_LABEL));
  const left = narrow ? 8 : Math.max(...labels.map((label) => textWidth(label))) + 16;
  const right = narrow ? 12 : Math.max(...rows.map((row) => figureWidth(row.text))) + 20;
  const legend = layLegend(parts, canvas.width - 24);
  const top = (legend.at(-1)?.y ?? 0) + LEGEND_LINE + 8;
  const rowHeight = narrow ? 40 : 27;
  const width = canvas.width - left - right;
  const height = rows.length * rowHeight;
  const middle = narrow ? 27 : rowHeight / 2;
  const textY = narrow ? 10 : middle;
  const thick = narrow ? 13 : 16;
  const stacks = rows.map((row) => stack(row.amounts, parts));
  const ends = [0, ...stacks.flat().map(({ to }) => to)];
  const domain = [Math.min(...ends) * 1.04, Math.max(...ends) * 1.02 || 1] as const;
  const segments = rows.flatMap((row, slot) =>
    (stacks[slot] ?? []).map((segment) => ({
      ...segment,
      y: slot * rowHeight + middle,
      words: wordsOf({ slot, arm: row.label, tip: row.tips[segment.part] }),
    })),
  );
  // Zero, if the axis itself does not pass through the row.
  const zeros = rows.map((row, slot) => ({
    from: slot * rowHeight + (narrow ? middle - 9 : 0),
    to: slot * rowHeight + (narrow ? middle + 9 : rowHeight),
    words: wordsOf({ slot, arm: row.label }),
  }));
  const x = bottomAxis({ scale: 'linear', domain, title: axisTitle, grid: !narrow, count: narrow ? 4 : 6 });
  const y = pixels('y');
  const layer = [
    {
      data: { values: segments },
      mark: { type: 'rule', strokeWidth: thick },
      encoding: {
        y,
        x: { field: 'from', ...x },
        x2: { field: 'to' },
        color: plain('colour'),
        description: DESCRIPTION,
      },
    },
    {
      // A thin gap separates neighbours for readers who cannot distinguish their colours.
      data: { values: segments },
      mark: { type: 'tick', orient: 'vertical', thickness: 1.2, size: thick, color: SURFACE, opacity: 1 },
      encoding: { y, x: { field: 'to', ...x }, description: DESCRIPTION },
    },
    {
      data: { values: zeros },
      mark: { type: 'rule', color: FAINT },
      encoding: {
        x: { datum: 0, type: 'quantitative' },
        y: pixels('from'),
        y2: { field: 'to' },
        description: DESCRIPTION,
      },
    },
    ...squareLegend(legend, 6 - left, -top),
    ...rowTexts(
      rows.map((row, i) => ({ label: labels[i] ?? '', text: row.text, arm: row.label, y: i * rowHeight + textY })),
      { narrow, width },
    ),
  ] as Layer[];
  return {
    width: canvas.width,
    height: top + height + 40,
    left,
    top,
    rowHeight,
    spec: { width, height, config: CHART_CONFIG, layer } as TopLevelSpec,
  };
}
