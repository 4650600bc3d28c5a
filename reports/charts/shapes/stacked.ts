/** Horizontal rows of parts that add up, with a legend above and the total at the end. */
import { html } from '../../html.ts';
import type { Canvas } from './chart.ts';
import { axis } from './scales.ts';
import { bottomAxis, box, type Drawing, group, move, ofArm, rule, text, told } from './svg.ts';
import { FAINT, FONT_SIZE, figureWidth, INK, MUTED, SURFACE, shorten, textWidth } from './theme.ts';
import { thinTicks } from './ticks.ts';

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
  /** What is told of each part when it is pointed at. */
  readonly tips: readonly string[];
}

interface Segment {
  readonly from: number;
  readonly to: number;
  readonly colour: string;
  readonly part: number;
}

/** Where each part begins and ends: positive ones to the right of zero, negative ones to its left. */
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

/** Squares with names, from the group's origin on. */
export function squareLegend(entries: readonly LegendEntry[]) {
  return group(
    { fill: INK },
    entries.map(({ x, y, name, colour }) => html`${box(x, y + 5, 9.5, 9.5, colour)}${text(x + 15, y + 10, name)}`),
  );
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
  const { at, ticks } = axis({ scale: 'linear', domain, range: [0, width], count: narrow ? 4 : 6 });
  const slots = rows.map((row, index) =>
    ofArm(
      row.label,
      { class: 'slot', transform: move(0, index * rowHeight) },
      group({ fill: INK, 'text-anchor': narrow ? null : 'end' }, text(narrow ? 0 : -12, textY, labels[index] ?? '')),
      (stacks[index] ?? []).map(({ from, to, colour, part }) =>
        // A hair of the page between neighbours keeps parts apart for eyes that do not see their colours.
        told(
          row.tips[part],
          box(at(Math.min(from, to)), middle - thick / 2, Math.max(0.5, Math.abs(at(to) - at(from))), thick, colour),
          group({ stroke: SURFACE }, rule(at(to), middle - thick / 2, at(to), middle + thick / 2, 1.2)),
        ),
      ),
      // Zero, where the axis itself does not go through the row.
      group({ stroke: FAINT }, rule(at(0), narrow ? middle - 9 : 0, at(0), narrow ? middle + 9 : rowHeight)),
      group(
        { fill: MUTED, 'text-anchor': narrow ? 'end' : null, 'font-size': narrow ? FONT_SIZE - 1 : null },
        text(narrow ? width : width + 12, textY, row.text),
      ),
    ),
  );
  const body = html`${group({ transform: move(6, 0) }, squareLegend(legend))}${group(
    { transform: move(left, top) },
    bottomAxis({ ticks: thinTicks(ticks), title: axisTitle, height, grid: !narrow }),
    slots,
  )}`;
  return { width: canvas.width, height: top + height + 40, body };
}
