/** Finds programs on the path. */
import { accessSync, constants } from 'node:fs';
import { delimiter, resolve } from 'node:path';

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * @returns the absolute path of the first of these names that is found, in the order of names; null when none is. A program may
 * be started in another folder than ours, where a folder of the path that is relative would be another one
 */
export function findOnPath(names: readonly string[], path = process.env.PATH ?? ''): string | null {
  const folders = path.split(delimiter).filter((folder) => folder !== '');
  return names.flatMap((name) => folders.map((folder) => resolve(folder, name))).find(isExecutable) ?? null;
}
