/** Horizontal rows of parts that add up, with a legend above and the total at the end. */
import type { TopLevelSpec } from 'vega-lite';
import type { Canvas } from './chart.ts';
import { CHART_CONFIG, FAINT, FONT_SIZE, figureWidth, INK, MUTED, SURFACE, shorten, textWidth } from './theme.ts';

export interface Part {
  readonly name: string;
  readonly colour: string;
}

export interface StackedRow {
  readonly label: string;
  /** Written at the end of the row. */
  readonly text: string;
  /** One amount per part, in the order of the parts. A negative one goes to the left of zero. */
  readonly amounts: readonly number[];
}

interface Segment {
  readonly from: number;
  readonly to: number;
  readonly colour: string;
}

/** Where each part begins and ends: positive ones to the right of zero, negative ones to its left. */
export function stack(amounts: readonly number[], parts: readonly Part[]): Segment[] {
  let right = 0;
  let left = 0;
  return parts.flatMap(({ colour }, index) => {
    const amount = amounts[index] ?? 0;
    if (amount === 0) return [];
    const from = amount > 0 ? right : left;
    const to = from + amount;
    if (amount > 0) right = to;
    else left = to;
    return [{ from, to, colour }];
  });
}

interface LegendEntry extends Part {
  readonly x: number;
  readonly y: number;
}

const LEGEND_LINE = 20;

/** Left to right, and on to the next line where the room ends. */
export function layLegend(parts: readonly Part[], width: number): LegendEntry[] {
  let x = 0;
  let line = 0;
  return parts.map((part) => {
    const needed = textWidth(part.name) + 18;
    if (x > 0 && x + needed > width) {
      x = 0;
      line += 1;
    }
    const entry = { ...part, x, y: line * LEGEND_LINE };
    x += needed + 16;
    return entry;
  });
}

const LONGEST_LABEL = 30;

export function stackedSpec(
  rows: readonly StackedRow[],
  parts: readonly Part[],
  canvas: Canvas,
  axisTitle: string,
): TopLevelSpec {
  const narrow = canvas.name === 'narrow';
  const labels = rows.map((row) => shorten(row.label, LONGEST_LABEL));
  const left = narrow ? 8 : Math.max(...labels.map((label) => textWidth(label))) + 16;
  const right = narrow ? 12 : Math.max(...rows.map((row) => figureWidth(row.text))) + 20;
  const legend = layLegend(parts, canvas.width - 24);
  const top = ((legend.at(-1)?.y ?? 0) / LEGEND_LINE + 1) * LEGEND_LINE + 8;
  const rowHeight = narrow ? 40 : 27;
  const width = canvas.width - left - right;
  const height = rows.length * rowHeight;
  const place = rows.map((_, index) => index * rowHeight + (narrow ? 27 : rowHeight / 2));
  const segments = rows.flatMap((row, index) =>
    stack(row.amounts, parts).map((segment) => ({ ...segment, y: place[index] })),
  );
  const texts = rows.map((row, index) => ({
    label: labels[index],
    text: row.text,
    y: narrow ? index * rowHeight + 10 : place[index],
  }));
  const ends = [0, ...segments.map(({ to }) => to)];
  const domain = [Math.min(...ends) * 1.04, Math.max(...ends) * 1.02 || 1];
  const axis = {
    title: axisTitle,
    titleAnchor: 'start' as const,
    tickCount: narrow ? 4 : 6,
    grid: !narrow,
    ticks: narrow,
  };
  const x = { field: 'from', type: 'quantitative' as const, scale: { domain, nice: false }, axis };
  const y = { field: 'y', type: 'quantitative' as const, scale: null, axis: null };
  const pixels = { type: 'quantitative' as const, scale: null, axis: null };
  const colour = { field: 'colour', type: 'nominal' as const, scale: null };
  const legendX = 6 - left;
  const keys = legend.map((entry) => ({ ...entry, x: entry.x + legendX, y: entry.y - top + 10 }));
  const bar = { type: 'rule' as const, strokeCap: 'butt' as const };
  return {
    width,
    height,
    autosize: { type: 'none' },
    padding: { left, right, top, bottom: 40 },
    config: CHART_CONFIG,
    layer: [
      {
        data: { values: segments },
        mark: { ...bar, strokeWidth: narrow ? 13 : 16 },
        encoding: { y, x, x2: { field: 'to' }, color: colour },
      },
      {
        // A hair of the page between neighbours keeps parts apart for eyes that do not see their colours.
        data: { values: segments },
        mark: { type: 'tick', orient: 'vertical', thickness: 1.2, size: narrow ? 13 : 16, color: SURFACE },
        encoding: { y, x: { ...x, field: 'to' } },
      },
      {
        // Zero, as one line; where labels stand between the bars, a stroke along each bar instead.
        data: { values: narrow ? place.map((bar) => ({ from: bar - 9, to: bar + 9 })) : [{ from: 0, to: height }] },
        mark: { type: 'rule', color: FAINT },
        encoding: { x: { datum: 0, type: 'quantitative' }, y: { ...y, field: 'from' }, y2: { field: 'to' } },
      },
      {
        data: { values: keys },
        mark: { type: 'point', shape: 'square', filled: true, size: 90, opacity: 1 },
        encoding: { x: { field: 'x', ...pixels }, y: { field: 'y', ...pixels }, color: colour },
      },
      {
        data: { values: keys },
        mark: { type: 'text', align: 'left', baseline: 'middle', dx: 10, dy: 1, color: INK },
        encoding: {
          x: { field: 'x', ...pixels },
          y: { field: 'y', ...pixels },
          text: { field: 'name', type: 'nominal' },
        },
      },
      {
        data: { values: texts },
        mark: { type: 'text', align: narrow ? 'left' : 'right', baseline: 'middle', color: INK },
        encoding: { y, x: { value: narrow ? 0 : -12 }, text: { field: 'label', type: 'nominal' } },
      },
      {
        data: { values: texts },
        mark: {
          type: 'text',
          align: narrow ? 'right' : 'left',
          baseline: 'middle',
          fontSize: narrow ? FONT_SIZE - 1 : FONT_SIZE,
          color: MUTED,
        },
        encoding: { y, x: { value: narrow ? width : width + 12 }, text: { field: 'text', type: 'nominal' } },
      },
    ],
  };
}
