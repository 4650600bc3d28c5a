/** A legend of lines that differ in stroke and not in colour. */
import { html, type SafeHtml } from '../../html.ts';
import { LEGEND_LINE, layLegend } from './stacked.ts';
import { group, ring, text } from './svg.ts';
import { FAINT, INK, MUTED } from './theme.ts';

/**
 * `main` is solid with its interval as a band; `second` thin and dashed; `machine` grey and dotted; `beyond` what was not
 * measured, dashed with a lighter band.
 */
export type LineRole = 'main' | 'second' | 'machine' | 'beyond';

export interface LegendLine {
  readonly name: string;
  readonly role: LineRole | 'ring';
}

const SAMPLE = 18;
const STROKES: Readonly<Record<LineRole, { readonly width: number; readonly dash: string | null }>> = {
  main: { width: 2.2, dash: null },
  second: { width: 1.3, dash: '4,3' },
  machine: { width: 1.8, dash: '1,3' },
  beyond: { width: 1.3, dash: '8,4' },
};

/** A group of lines of this role. */
export function stroked(role: LineRole, colour: string | null, ...content: SafeHtml[]): SafeHtml {
  const { width, dash } = STROKES[role];
  return group({ fill: 'none', stroke: colour, 'stroke-width': width, 'stroke-dasharray': dash }, ...content);
}

/** What each kind of line is, in grey: colours are the arms'. */
export function lineLegend(
  legend: readonly LegendLine[],
  width: number,
): { readonly body: SafeHtml; readonly height: number } {
  const laid = layLegend(
    legend.map(({ name }) => ({ name, colour: MUTED })),
    width,
  );
  const entries = laid.map(({ x, y, name }, index) => {
    const role = legend[index]?.role ?? 'main';
    const sample =
      role === 'ring'
        ? group({ stroke: MUTED }, ring(x + SAMPLE / 2, y + LEGEND_LINE / 2, 5.7))
        : stroked(role, role === 'machine' ? FAINT : MUTED, html`<path d="M${x},${y + LEGEND_LINE / 2}h${SAMPLE}"/>`);
    return html`${sample}${text(x + SAMPLE + 6, y + LEGEND_LINE / 2, name)}`;
  });
  return { body: group({ fill: INK }, entries), height: (laid.at(-1)?.y ?? 0) + LEGEND_LINE };
}
