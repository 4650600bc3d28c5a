/** Data for the page's scripts alone, compressed: a reader without scripts loses nothing that is in here. */
import { constants, deflateRawSync } from 'node:zlib';
import { html, type SafeHtml } from '../html.ts';

/** @param value JSON. The same value gives the same text. */
export function packedText(value: unknown): string {
  return deflateRawSync(JSON.stringify(value), { level: constants.Z_BEST_COMPRESSION }).toString('base64');
}

/** An element that is never shown, of which `unpacked` reads the content. */
export function packed(id: string, value: unknown): SafeHtml {
  return html`<div id="${id}" hidden>${packedText(value)}</div>
`;
}
