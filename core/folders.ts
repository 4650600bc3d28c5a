/** Folders, made with all their parents. */
import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { unwritable } from './whole-file.ts';

const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/**
 * Makes a folder, and those above it that are missing. Node's own recursive `mkdir` never returns where the system
 * refuses with ENOENT, as it does below /proc, so each folder is made by itself.
 * @throws TollgateError naming the folder
 */
export function makeFolders(path: string, mode = 0o777): void {
  const missing: string[] = [];
  try {
    for (let at = resolve(path); statSync(at, { throwIfNoEntry: false }) === undefined; at = dirname(at))
      missing.push(at);
  } catch (error) {
    throw unwritable(path, error);
  }
  for (const folder of missing.toReversed()) {
    try {
      mkdirSync(folder, { mode });
    } catch (error) {
      // Another process may have made it meanwhile.
      if (!isFolder(folder)) throw unwritable(path, error);
    }
  }
  if (!isFolder(path)) throw unwritable(path, new Error('it is a file'));
}
