/** A word with its definition, which opens by click, touch or key, and needs no script. */
import { html, type SafeHtml } from '../html.ts';

/** @param id unique in the page */
export function term(id: string, word: string, meaning: string): SafeHtml {
  return html`<button type="button" class="term" popovertarget="term-${id}">${word}</button><div popover id="term-${id}"><strong>${word}</strong>: ${meaning}</div>`;
}
