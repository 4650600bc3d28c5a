/** A word with its definition, which opens by click, touch or key without scripts; with a mouse, hovering is enough. */
import { html, type SafeHtml } from '../../html.ts';

/** @param id of the definition, which may be opened by several buttons */
export function termButton(id: string, word: string): SafeHtml {
  return html`<button type="button" class="term" popovertarget="term-${id}">${word}</button>`;
}

/** @param id unique in the page */
export function definition(id: string, word: string, meaning: string): SafeHtml {
  return html`<div popover id="term-${id}"><strong>${word}</strong>: ${meaning}</div>`;
}

/** @param id unique in the page */
export function term(id: string, word: string, meaning: string): SafeHtml {
  return html`${termButton(id, word)}${definition(id, word, meaning)}`;
}
