/** A legend of lines that differ in stroke but not in colour. */
import { type Layer, pixels, plain, plainNumber } from './drawing.ts';
import type { Legend } from './panel-grid.ts';
import { LEGEND_LINE, layLegend } from './stacked.ts';
import { FAINT, MUTED } from './theme.ts';

/**
 * `main` is solid with its interval as a band; `second` thin and dashed; `machine` grey and dotted; `beyond` is
 * extrapolated, dashed with a lighter band.
 */
export type LineRole = 'main' | 'second' | 'machine' | 'beyond';

export interface LegendLine {
  readonly name: string;
  readonly role: LineRole | 'ring';
}

const SAMPLE = 18;
export const STROKES: Readonly<Record<LineRole, { readonly thick: number; readonly dash: readonly number[] }>> = {
  main: { thick: 2.2, dash: [1, 0] },
  second: { thick: 1.3, dash: [4, 3] },
  machine: { thick: 1.8, dash: [1, 3] },
  beyond: { thick: 1.3, dash: [8, 4] },
};

/** The kinds of lines, in grey: colours are for arms. */
export function lineLegend(legend: readonly LegendLine[], width: number): Legend {
  const laid = layLegend(
    legend.map(({ name }) => ({ name, colour: MUTED })),
    width,
    SAMPLE,
  );
  const entries = laid.map(({ x, y, name }, index) => {
    const role = legend[index]?.role ?? 'main';
    const colour = role === 'machine' ? FAINT : MUTED;
    const stroke = role === 'ring' ? {} : STROKES[role];
    return {
      name,
      role,
      colour,
      ...stroke,
      x,
      to: x + SAMPLE,
      middle: x + SAMPLE / 2,
      textX: x + SAMPLE + 6,
      y: y + LEGEND_LINE / 2,
    };
  });
  const rings = entries.filter(({ role }) => role === 'ring');
  const layer = [
    {
      data: { values: entries.filter(({ role }) => role !== 'ring') },
      mark: { type: 'rule', aria: false },
      encoding: {
        x: pixels('x'),
        x2: { field: 'to' },
        y: pixels('y'),
        color: plain('colour'),
        strokeWidth: plainNumber('thick'),
        strokeDash: plain('dash'),
      },
    },
    ...(rings.length === 0
      ? []
      : [
          {
            data: { values: rings },
            mark: { type: 'point', filled: false, size: 102, strokeWidth: 1.6, opacity: 1, color: MUTED, aria: false },
            encoding: { x: pixels('middle'), y: pixels('y') },
          },
        ]),
    {
      data: { values: entries },
      mark: { type: 'text', align: 'left', baseline: 'middle', aria: false },
      encoding: { x: pixels('textX'), y: pixels('y'), text: { field: 'name', type: 'nominal' } },
    },
  ] as Layer[];
  return { layer, height: (laid.at(-1)?.y ?? 0) + LEGEND_LINE };
}
