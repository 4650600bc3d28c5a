/** A legend of lines that differ in stroke and not in colour. */
import { layLegend } from './stacked.ts';
import { FAINT, MUTED } from './theme.ts';

/**
 * `main` is solid with its interval as a band; `second` thin and dashed; `machine` grey and dotted; `beyond` what was not
 * measured, dashed with a lighter band.
 */
export type LineRole = 'main' | 'second' | 'machine' | 'beyond';

export interface LegendLine {
  readonly name: string;
  readonly role: LineRole | 'ring';
}

const LEGEND_LINE = 20;
const SAMPLE = 18;
export const DASH: Readonly<Record<LineRole, number[]>> = {
  main: [1, 0],
  second: [4, 3],
  machine: [1, 3],
  beyond: [8, 4],
};
export const THICK: Readonly<Record<LineRole, number>> = { main: 2.2, second: 1.3, machine: 1.8, beyond: 1.3 };

/** What each kind of line is, in grey: colours are the arms'. */
export function lineLegend(legend: readonly LegendLine[], width: number) {
  const laid = layLegend(
    legend.map(({ name }) => ({ name, colour: MUTED })),
    width,
  );
  const entries = laid.map((entry, index) => ({
    ...entry,
    y: entry.y + LEGEND_LINE / 2,
    role: legend[index]?.role,
    to: entry.x + SAMPLE,
    middle: entry.x + SAMPLE / 2,
    textX: entry.x + SAMPLE + 6,
  }));
  const pixels = { type: 'quantitative' as const, scale: null, axis: null };
  const y = { field: 'y', ...pixels };
  const sample = (role: LineRole) => ({
    transform: [{ filter: `datum.role === '${role}'` }],
    mark: {
      type: 'rule' as const,
      strokeWidth: THICK[role],
      strokeDash: DASH[role],
      color: role === 'machine' ? FAINT : MUTED,
    },
    encoding: { x: { field: 'x', ...pixels }, x2: { field: 'to' }, y },
  });
  return {
    data: { values: entries },
    width,
    height: (Math.max(...entries.map((entry) => entry.y)) || LEGEND_LINE / 2) + LEGEND_LINE / 2,
    layer: [
      ...(['main', 'second', 'machine', 'beyond'] as const).map(sample),
      {
        transform: [{ filter: "datum.role === 'ring'" }],
        mark: {
          type: 'point' as const,
          filled: false,
          size: 130,
          strokeWidth: 1.6,
          opacity: 1,
          color: MUTED,
        },
        encoding: { x: { field: 'middle', ...pixels }, y },
      },
      {
        mark: { type: 'text' as const, align: 'left' as const, baseline: 'middle' as const },
        encoding: { x: { field: 'textX', ...pixels }, y, text: { field: 'name', type: 'nominal' as const } },
      },
    ],
  };
}
