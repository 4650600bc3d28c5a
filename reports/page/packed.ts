/** Compressed data for the page's scripts only: readers without scripts lose nothing. */
import { constants, deflateRawSync } from 'node:zlib';
import { html, type SafeHtml } from '../html.ts';

/** @param value JSON. The same value gives the same text. */
export function packedText(value: unknown): string {
  return deflateRawSync(JSON.stringify(value), { level: constants.Z_BEST_COMPRESSION }).toString('base64');
}

/** A hidden element with content for `unpacked`. */
export function packed(id: string, value: unknown): SafeHtml {
  return html`<div id="${id}" hidden>${packedText(value)}</div>
`;
}
