/**
 * Makes text inert: a terminal, a browser or an XML parser shows it and does nothing else. Text from a file, a child
 * process or another build may contain anything. Pure.
 */

// Control characters other than tab and line feed; bidirectional marks; line and paragraph separators; the two
// noncharacters.
const ACTIVE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff]/g;

/** The block of control pictures: U+241B stands for an escape. */
const PICTURES = 0x2400;
const DELETE = 0x7f;
const PICTURE_OF_DELETE = '\u2421';

/** Replaces each active character by a visible one, so the length is unchanged. Tabs and line feeds are kept. */
export function inert(text: string): string {
  return text.toWellFormed().replace(ACTIVE, (character) => {
    const code = character.charCodeAt(0);
    if (code === DELETE) return PICTURE_OF_DELETE;
    return code < 0x20 ? String.fromCharCode(PICTURES + code) : '\ufffd';
  });
}

/** Inert text on one line. */
export function inertLine(text: string): string {
  return inert(text).replace(/[\t\n]+/g, ' ');
}

/** Colours and weights of text, as `styleText` writes them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape begins each of them
const STYLES = /(\u001b\[\d{1,3}m)/;

/** Inert text for a terminal, with colours kept. Text from elsewhere must already be inert. */
export function inertExceptStyles(text: string): string {
  return text
    .split(STYLES)
    .map((part, index) => (index % 2 === 1 ? part : inert(part)))
    .join('');
}

/** `JSON.parse` of a file, which may begin with a byte order mark. @throws SyntaxError as `JSON.parse` does */
export function parseJsonText(text: string): unknown {
  return JSON.parse(text.startsWith('\ufeff') ? text.slice(1) : text);
}

/**
 * Whether a JSON text may contain an active character, literal or escaped. It cannot contain literal control
 * characters.
 */
const SUSPECT =
  /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff]|\\[bfr]|\\u(?:00[0-9]|06|20|ff|d[89a-f])/i;

/** `JSON.parse`, with all texts and names in it made inert. @throws SyntaxError as `JSON.parse` does */
export function parseInert(text: string): unknown {
  const value = parseJsonText(text);
  return SUSPECT.test(text) ? inertly(value) : value;
}

function inertly(value: unknown): unknown {
  if (typeof value === 'string') return inert(value);
  if (Array.isArray(value)) return value.map(inertly);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, own]) => [inert(name), inertly(own)]));
}
