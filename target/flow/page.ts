/** Values in an HTML page that a script or a form would send, such as a CSRF token. Pure. */
import { unescapeEntities } from '../../core/text/entities.ts';

const START = /<(input|meta|button|form)(?=[\s/>])/gi;
/** The next attribute of a tag, or its end. Each character is read at most twice, whatever the page contains. */
const ATTRIBUTE = /[\s/]*(?:(>)|([^\s/>][^\s/>=]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"'][^\s>]*)))?)/y;

/** A start tag of a form, a form field or a meta element, in lower case, with its attributes. */
export interface Element {
  readonly tag: string;
  readonly attributes: ReadonlyMap<string, string>;
}

/** The form-related elements of a page, in order. An unterminated tag is ignored, as in a browser. */
export function elementsOf(html: string): Element[] {
  const elements: Element[] = [];
  START.lastIndex = 0;
  for (let start = START.exec(html); start !== null; start = START.exec(html)) {
    const tag = attributesAt(html, START.lastIndex);
    if (tag === null) break;
    elements.push({ tag: (start[1] ?? '').toLowerCase(), attributes: tag.attributes });
    START.lastIndex = tag.end;
  }
  return elements;
}

/** @returns null if the page ends before the tag */
function attributesAt(html: string, from: number): (Pick<Element, 'attributes'> & { readonly end: number }) | null {
  const attributes = new Map<string, string>();
  ATTRIBUTE.lastIndex = from;
  for (;;) {
    const found = ATTRIBUTE.exec(html);
    if (found === null) return null;
    const [, end, name = '', double, single, bare] = found;
    if (end !== undefined) return { attributes, end: ATTRIBUTE.lastIndex };
    const key = name.toLowerCase();
    if (!attributes.has(key)) attributes.set(key, unescapeEntities(double ?? single ?? bare ?? ''));
  }
}

/** @returns the action of the first form with such a field; '' for the page itself, and null without one */
export function actionWith(html: string, field: string): string | null {
  let action: string | null = null;
  for (const { tag, attributes } of elementsOf(html)) {
    if (tag === 'form') action = attributes.get('action') ?? '';
    else if (action !== null && attributes.get('name') === field) return action;
  }
  return null;
}

/** @returns the value of the first form field, or the content of the first meta element, of that name; null without one */
export function fieldIn(html: string, name: string): string | null {
  for (const { attributes } of elementsOf(html)) {
    const value = attributes.get('value') ?? attributes.get('content');
    if (attributes.get('name') === name && value !== undefined && value !== '') return value;
  }
  return null;
}
