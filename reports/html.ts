/** HTML from a tagged template that escapes everything except HTML. */

import { inert } from '../core/inert.ts';

/** Markup that is safe: made by `html`, or marked with `trusted`. */
export interface SafeHtml {
  readonly markup: string;
}

export type Content = string | number | SafeHtml | null | undefined | readonly Content[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Safe as text and within a quoted attribute of HTML and SVG; XML does not allow control characters. */
export function escapeHtml(text: string): string {
  return inert(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

const CHARACTERS = new Map(Object.entries(ENTITIES).map(([character, entity]) => [entity, character]));

/** The inverse of `escapeHtml`. */
export function unescaped(markup: string): string {
  return markup.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => CHARACTERS.get(entity) ?? entity);
}

/** An attribute with JSON in single quotes, so that its many double quotes need no escape. */
export function jsonAttribute(name: string, value: unknown): SafeHtml {
  const text = inert(JSON.stringify(value)).replace(/[&<>']/g, (character) => ENTITIES[character] ?? character);
  return { markup: `${name}='${text}'` };
}

/** For markup that another renderer has escaped: the charts' SVG, and the page's own style sheet. Never for data. */
export function trusted(markup: string): SafeHtml {
  return { markup };
}

function render(content: Content): string {
  if (content === null || content === undefined) return '';
  if (typeof content === 'string') return escapeHtml(content);
  if (typeof content === 'number') return String(content);
  if ('markup' in content) return content.markup;
  return content.map(render).join('');
}

/** html`<p>${text}</p>`: strings and numbers are escaped, `SafeHtml` and lists of it are not, null is nothing. */
export function html(parts: TemplateStringsArray, ...contents: Content[]): SafeHtml {
  return { markup: parts.map((part, index) => part + render(contents[index])).join('') };
}
