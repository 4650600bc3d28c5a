/** Values in an HTML page that a script or a form would send, such as a CSRF token. Pure. */
import { unescapeEntities } from '../../core/text/entities.ts';

const TAG = /<(input|meta|button|form)\b((?:[^>"']|"[^"]*"|'[^']*')*)>/gi;
const ATTRIBUTE = /([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?/g;

/** A start tag of a form, a form field or a meta element, in lower case, with its attributes. */
export interface Element {
  readonly tag: string;
  readonly attributes: ReadonlyMap<string, string>;
}

/** The elements of a page that a form is made of, in order. */
export function elementsOf(html: string): Element[] {
  return [...html.matchAll(TAG)].map(([, tag = '', text = '']) => {
    const attributes = new Map<string, string>();
    for (const [, key = '', double, single, bare] of text.matchAll(ATTRIBUTE))
      if (!attributes.has(key.toLowerCase()))
        attributes.set(key.toLowerCase(), unescapeEntities(double ?? single ?? bare ?? ''));
    return { tag: tag.toLowerCase(), attributes };
  });
}

/** @returns the value of the first form field, or the content of the first meta element, of that name; null without one */
export function fieldIn(html: string, name: string): string | null {
  for (const { attributes } of elementsOf(html)) {
    const value = attributes.get('value') ?? attributes.get('content');
    if (attributes.get('name') === name && value !== undefined && value !== '') return value;
  }
  return null;
}
