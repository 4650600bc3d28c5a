/** Small multiples: where each panel stands, its title, and the axes that it shares with the others. */
import { html, type SafeHtml } from '../../html.ts';
import type { Axis } from './scales.ts';
import { type AxisTick, bottomAxis, type Drawing, group, leftAxis, leftLabels, move, ofArm, text } from './svg.ts';
import { INK, shorten, textWidth } from './theme.ts';
import { thinTicks } from './ticks.ts';

/** A character of a title, px: as wide as in the widest of the usual fonts, since the reader's is not known. */
const TITLE_CHARACTER = 8;

/**
 * Panels are told apart by their titles, so two names that were cut to the same one get a number.
 * @param width of a panel, px
 */
export function panelTitles(names: readonly string[], width: number): string[] {
  const longest = Math.floor(width / TITLE_CHARACTER);
  const cut = names.map((name) => shorten(name, longest));
  return cut.map((title, index) => {
    if (cut.indexOf(title) === index) return title;
    const number = ` (${index + 1})`;
    return `${shorten(names[index] ?? title, Math.max(1, longest - number.length))}${number}`;
  });
}

/** Above each panel for its title, below it for the labels of its axis. */
const TITLE_ROOM = 22;
const AXIS_ROOM = 48;
/** At the right, for half of the last label below the last panel. */
export const RIGHT_ROOM = 20;

export interface GridPanel {
  readonly title: string;
  readonly arm?: string;
  readonly body: SafeHtml;
}

export interface Grid {
  readonly columns: number;
  readonly gap: number;
  readonly width: number;
  readonly height: number;
  readonly xTicks: readonly AxisTick[];
  readonly xTitle: string;
  readonly y: Pick<Axis, 'ticks'>;
  readonly yTitle: string;
  /** Above all panels. */
  readonly legend?: { readonly body: SafeHtml; readonly height: number };
}

/** Room at the left for the labels of the amounts. */
export function labelRoom({ ticks }: Pick<Axis, 'ticks'>, yTitle: string): number {
  return Math.max(textWidth(yTitle), ...ticks.map(({ label }) => textWidth(label))) + 12;
}

/** @param left as `labelRoom` has it */
export function drawGrid(panels: readonly GridPanel[], grid: Grid, left: number): Drawing {
  const { columns, gap, width, height, xTitle, y, yTitle } = grid;
  const xTicks = thinTicks(grid.xTicks);
  const top = (grid.legend?.height ?? 0) + (grid.legend === undefined ? 0 : 8);
  const step = TITLE_ROOM + height + AXIS_ROOM;
  const slots = panels.map(({ title, arm, body }, index) =>
    ofArm(
      arm,
      {
        class: 'slot',
        transform: move((index % columns) * (width + gap), Math.floor(index / columns) * step + TITLE_ROOM),
      },
      group({ fill: INK, 'font-weight': 600 }, text(0, -12, title)),
      leftAxis(y.ticks, width),
      bottomAxis({ ticks: xTicks, title: xTitle, height, grid: false }),
      body,
    ),
  );
  const rows = Math.ceil(panels.length / columns);
  const labels = Array.from({ length: rows }, (_, row) =>
    group({ transform: move(0, row * step + TITLE_ROOM) }, leftLabels(y.ticks, yTitle, -12)),
  );
  const body = html`${grid.legend === undefined ? null : group({ transform: move(left, 0) }, grid.legend.body)}${group({ transform: move(left, top) }, labels, slots)}`;
  return { width: left + columns * width + (columns - 1) * gap + RIGHT_ROOM, height: top + rows * step, body };
}
