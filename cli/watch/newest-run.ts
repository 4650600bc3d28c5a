/** The run to follow by default: the one whose journal was written last. */
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { journalPath } from '../run-folder.ts';

/** @returns the folder of the run, or null if there is none yet */
export function newestRun(results: string): string | null {
  let names: string[];
  try {
    // Links, such as `latest`, point at runs that are in the list anyway.
    names = readdirSync(results, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  } catch {
    return null;
  }
  let newest: { readonly folder: string; readonly atMs: number } | null = null;
  for (const name of names) {
    const folder = join(results, name);
    const atMs = lstatSync(journalPath(folder), { throwIfNoEntry: false })?.mtimeMs;
    if (atMs !== undefined && (newest === null || atMs > newest.atMs)) newest = { folder, atMs };
  }
  return newest?.folder ?? null;
}
