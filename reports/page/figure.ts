/** A figure as shown in the page: value, interval, and a marker for each of its flags that links to the advice. */
import type { Figure } from '../../core/results/schema.ts';
import { flagsOf, type MarkedFlag } from '../../core/text/flags.ts';
import { formatRange, formatValue } from '../../core/text/format.ts';
import { html, type SafeHtml } from '../html.ts';

/** `†a b`, each letter a link; nothing for no flags. */
export function flagMarks(flags: readonly MarkedFlag[]): SafeHtml | null {
  if (flags.length === 0) return null;
  const links = flags.map(
    (flag) => html`<a href="#flag-${flag.name}">${flag.letter}<span class="vh"> ${flag.title}</span></a>`,
  );
  return html`<sup class="marks">${links}</sup>`;
}

/** The inside of a table cell. */
export function figureCell(figure: Figure | null, flags: readonly MarkedFlag[]): SafeHtml {
  if (figure === null) return html`<span class="absent">—</span>`;
  const range = formatRange(figure);
  const interval = range === null ? null : html` <span class="interval">[${range}]</span>`;
  return html`<span class="value">${formatValue(figure)}</span>${flagMarks(flagsOf([figure], flags))}${interval}`;
}
