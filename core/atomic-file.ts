/** Files that are written completely or not at all, so that no reader sees half of one. */
import { randomBytes } from 'node:crypto';
import { closeSync, fchmodSync, fchownSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { environmentError, messageOf, type TollgateError, usageError } from './errors.ts';

export interface Ownership {
  readonly uid: number;
  readonly gid: number;
}

export interface WriteOptions {
  /** The permissions of the file, exactly; the process's usual ones if left out. */
  readonly mode?: number;
  readonly owner?: Ownership;
}

/**
 * Writes a temporary file with a random name in the same folder, syncs it to disk and renames it. An existing file is
 * replaced. It is synchronous, so that no signal can interrupt it and leave the temporary file. @throws TollgateError
 * naming the file
 */
export function writeAtomically(path: string, content: string | Uint8Array, { mode, owner }: WriteOptions = {}): void {
  const draft = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    // Exclusive creation neither overwrites a file nor follows a link that someone else created.
    const file = openSync(draft, 'wx', mode ?? 0o666);
    try {
      if (mode !== undefined) fchmodSync(file, mode);
      if (owner !== undefined) fchownSync(file, owner.uid, owner.gid);
      // `writeFileSync` continues after a short write.
      writeFileSync(file, content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw unwritable(path, error);
  }
}

const NO_SPACE = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** What to report if `path` could not be written because of `error`. */
export function unwritable(path: string, error: unknown): TollgateError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (NO_SPACE.has(code)) {
    return environmentError(
      `${path} cannot be written: no space left (${code})`,
      'free some space, or write elsewhere',
    );
  }
  return usageError(`${path} cannot be written (${messageOf(error)})`, 'choose a path that can be written');
}
