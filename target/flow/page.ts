/** Values in an HTML page that a script or a form would send, such as a CSRF token. Pure. */

const TAG = /<(input|meta|button|form)\b((?:[^>"']|"[^"]*"|'[^']*')*)>/gi;
const ATTRIBUTE = /([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?/g;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decoded(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|([a-z]+));/gi, (entity, hex, decimal, name) => {
    if (name !== undefined) return ENTITIES[String(name).toLowerCase()] ?? entity;
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : entity;
  });
}

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
        attributes.set(key.toLowerCase(), decoded(double ?? single ?? bare ?? ''));
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
