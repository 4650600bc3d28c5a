/** Files below a folder, such as the charts of a run. A link on the way is not followed: it could lead anywhere. */
import { lstatSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { unwritable, writeAtomically } from './atomic-file.ts';
import { makeFolders } from './folders.ts';

/** @param path of a file, relative to `root`, with forward slashes @throws TollgateError if a folder in it is a link */
function refuseLinks(root: string, path: string): void {
  const folders = path.split('/').slice(0, -1);
  for (const end of folders.keys()) {
    const folder = join(root, ...folders.slice(0, end + 1));
    if (lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink() === true)
      throw unwritable(folder, new Error('it is a link, and files would be written elsewhere'));
  }
}

/**
 * Writes a file atomically, and creates its folder. @param root may be a link itself @param path relative to it, with
 * forward slashes @returns the whole path @throws TollgateError if it cannot be written, or a folder in it is a link
 */
export function writeWithin(root: string, path: string, content: string | Uint8Array): string {
  const whole = join(root, path);
  refuseLinks(root, path);
  makeFolders(dirname(whole));
  writeAtomically(whole, content);
  return whole;
}

/** Removes a file, if it exists. @throws TollgateError if a folder in its path is a link */
export function removeWithin(root: string, path: string): void {
  refuseLinks(root, path);
  rmSync(join(root, path), { force: true });
}
