/** Folders, created with all their parents. */
import { randomUUID } from 'node:crypto';
import { mkdirSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { unwritable } from './atomic-file.ts';

const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/**
 * Creates a folder and its missing parents. Node's recursive `mkdir` never returns if the system refuses with ENOENT,
 * as it does below /proc, so each folder is created separately. @returns the folders that were created, outermost
 * first @throws TollgateError naming the folder, after removing what it created
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
      // Another process may have created it in the meantime.
      if (isFolder(folder)) continue;
      removeEmpty(made);
      throw unwritable(path, error);
    }
  }
  if (!isFolder(path)) throw unwritable(path, new Error('it is a file'));
  return made;
}

/**
 * Creates a file in a folder and removes it. Permissions are not enough to know: root ignores them, and some file systems,
 * such as /proc, allow no new files.
 * @throws TollgateError naming the folder, if no file can be created there
 */
export function proveWritable(folder: string): void {
  const trial = join(folder, `.tollgate-${randomUUID()}`);
  try {
    writeFileSync(trial, '', { flag: 'wx' });
    rmSync(trial);
  } catch (error) {
    throw unwritable(folder, error);
  }
}

/**
 * Removes those of the folders that are empty.
 * @param folders the outermost first
 */
export function removeEmpty(folders: readonly string[]): void {
  try {
    for (const folder of folders.toReversed()) rmdirSync(folder);
  } catch {
    // If this folder is not empty, neither are its parents.
  }
}
