/** Finds programs on the PATH. */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';

/** Whether it is a file that may be executed. A folder has the same permission, and cannot be started. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/**
 * @returns the absolute path of the first of these names that is found, in the order of names; null if none is. It is
 * absolute because the program may be started in another folder, where a relative folder of the PATH would be a
 * different one
 */
export function findOnPath(names: readonly string[], path = process.env.PATH ?? ''): string | null {
  const folders = path.split(delimiter).filter((folder) => folder !== '');
  return names.flatMap((name) => folders.map((folder) => resolve(folder, name))).find(isExecutable) ?? null;
}
