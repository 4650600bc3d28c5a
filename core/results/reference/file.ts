/** The file of the reference run, before anything in it is checked. Imports no schema, so that it loads quickly. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

export const REFERENCE_FILE = fileURLToPath(new URL('../../../reports/reference/reference.json.gz', import.meta.url));
/** A limit, because a damaged file may claim any unpacked size. */
const MOST_UNPACKED_BYTES = 32_000_000;

/** @returns its JSON @throws Error if the file cannot be read or unpacked */
export function unpackReference(path: string): string {
  return gunzipSync(readFileSync(path), { maxOutputLength: MOST_UNPACKED_BYTES }).toString('utf8');
}
