/** Folders, made with all their parents. */
import { mkdirSync, rmdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { unwritable } from './atomic-file.ts';

const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/**
 * Makes a folder, and those above it that are missing. Node's own recursive `mkdir` never returns where the system
 * refuses with ENOENT, as it does below /proc, so each folder is made by itself.
 * @returns those that it made, the outermost first
 * @throws TollgateError naming the folder; nothing of it is then left
 */
export function makeFolders(path: string, mode = 0o777): string[] {
  const missing: string[] = [];
  try {
    for (let at = resolve(path); statSync(at, { throwIfNoEntry: false }) === undefined; at = dirname(at))
      missing.push(at);
  } catch (error) {
    throw unwritable(path, error);
  }
  const made: string[] = [];
  for (const folder of missing.toReversed()) {
    try {
      mkdirSync(folder, { mode });
      made.push(folder);
    } catch (error) {
      // Another process may have made it meanwhile.
      if (isFolder(folder)) continue;
      removeEmpty(made);
      throw unwritable(path, error);
    }
  }
  if (!isFolder(path)) throw unwritable(path, new Error('it is a file'));
  return made;
}

/**
 * Removes those of the folders that are empty.
 * @param folders the outermost first
 */
export function removeEmpty(folders: readonly string[]): void {
  try {
    for (const folder of folders.toReversed()) rmdirSync(folder);
  } catch {
    // This folder is not empty, so those around it are not either.
  }
}
