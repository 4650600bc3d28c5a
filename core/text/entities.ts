/** Character references of HTML and XML. Pure. */
import { ownValue } from '../own-value.ts';

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const REFERENCE = /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|([a-z]+));/gi;
const LARGEST = 0x10ffff;

/** Replaces known references by their text; leaves unknown ones unchanged. */
export function unescapeEntities(text: string): string {
  return text.replace(REFERENCE, (reference, hex, decimal, name) => {
    if (name !== undefined) return ownValue(NAMED, String(name).toLowerCase()) ?? reference;
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return code <= LARGEST ? String.fromCodePoint(code) : reference;
  });
}
