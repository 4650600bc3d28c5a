/** A figure as shown in the page: value, interval, and a marker for each of its flags that links to the advice. */
import type { Figure } from '../../core/results/schema.ts';
import { flagsOf, type MarkedFlag } from '../../core/text/flags.ts';
import { formatRange, formatValue } from '../../core/text/format.ts';
import { html, type SafeHtml } from '../html.ts';

/** `†a b`, each letter a link; nothing for no flags. */
export function flagMarks(flags: readonly MarkedFlag[]): SafeHtml | null {
  if (flags.length === 0) return null;
  const links = flags.map((flag) => html`<a href="#flag-${flag.name}">${flag.letter}<small> ${flag.title}</small></a>`);
  return html`<sup class="marks">${links}</sup>`;
}

/** The inside of a table cell: tables are many, so the style sheet says how a value and its interval look there. */
export function figureCell(figure: Figure | null, flags: readonly MarkedFlag[]): SafeHtml {
  if (figure === null) return html`<span class="absent">—</span>`;
  const range = formatRange(figure);
  const interval = range === null ? null : html` <i>[${range}]</i>`;
  return html`<b>${formatValue(figure)}</b>${flagMarks(flagsOf([figure], flags))}${interval}`;
}
