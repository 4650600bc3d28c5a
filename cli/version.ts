/** The version of this Tollgate. */
import { readFileSync } from 'node:fs';

export function versionHere(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: unknown;
  };
  return String(manifest.version);
}
