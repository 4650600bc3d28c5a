/** Keeps the history in a file, or on a branch of its own that no checkout ever sees. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { messageOf, usageError } from '../../core/errors.ts';
import { makeFolders } from '../../core/folders.ts';
import { unwritable } from '../../core/whole-file.ts';
import { git, gitBytes, hintFor, tipOf } from '../git.ts';

const LINE_FEED = 10;

export interface HistoryStore {
  readonly name: string;
  /** All lines; empty if there are none yet. */
  read(): Promise<string>;
  /** @throws TollgateError if it cannot be written */
  append(line: string, message: string): Promise<void>;
}

export function fileStore(path: string): HistoryStore {
  return {
    name: path,
    read: async () => (existsSync(path) ? readFileSync(path, 'utf8') : ''),
    append: async (line) => {
      makeFolders(dirname(path));
      try {
        const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
        // A line that was cut off must not merge with this one.
        appendFileSync(path, text === '' || text.endsWith('\n') ? line : `\n${line}`);
      } catch (error) {
        throw unwritable(path, error);
      }
    },
  };
}

const FILE = 'history.jsonl';

/**
 * A branch that holds one file and shares no commit with the code. It is written by git's plumbing alone, so the
 * working tree and the index stay as they are. What cannot be read is never replaced.
 */
export function branchStore(repository: string, branch: string): HistoryStore {
  const ref = `refs/heads/${branch}`;
  const bytesAt = async (tip: string | null): Promise<Buffer> => {
    if (tip === null) return Buffer.alloc(0);
    const listed = await git(repository, ['ls-tree', '--full-tree', tip, FILE]);
    const blob = /^\d+ blob ([0-9a-f]+)\t/.exec(listed)?.[1];
    return blob === undefined ? Buffer.alloc(0) : gitBytes(repository, ['cat-file', 'blob', blob]);
  };
  const failed = (did: string) => (error: unknown) => {
    const reason = messageOf(error);
    throw usageError(`--branch: ${branch} cannot be ${did}: ${reason}`, hintFor(reason));
  };
  const append = async (line: string, message: string) => {
    await git(repository, ['check-ref-format', ref]).catch(() => {
      throw new Error('that is no name for a branch');
    });
    const parent = await tipOf(repository, ref);
    const old = await bytesAt(parent);
    const isWhole = old.length === 0 || old.at(-1) === LINE_FEED;
    const whole = Buffer.concat([old, Buffer.from(isWhole ? line : `\n${line}`)]);
    const blob = (await gitBytes(repository, ['hash-object', '-w', '--stdin'], whole)).toString().trim();
    const stored = Number(await git(repository, ['cat-file', '-s', blob]));
    if (stored !== whole.length) throw new Error(`git kept ${stored} of ${whole.length} bytes`);
    const entry = Buffer.from(`100644 blob ${blob}\t${FILE}\n`);
    const tree = (await gitBytes(repository, ['mktree'], entry)).toString().trim();
    const parents = parent === null ? [] : ['-p', parent];
    const commit = await git(repository, ['commit-tree', tree, ...parents, '-m', message]);
    // Fails where another run was faster, rather than losing its line.
    await git(repository, ['update-ref', ref, commit, parent ?? '0'.repeat(40)]);
  };
  return {
    name: `branch ${branch}`,
    read: () =>
      tipOf(repository, ref)
        .then(bytesAt)
        .then((bytes) => bytes.toString())
        .catch(failed('read')),
    append: (line, message) => append(line, message).catch(failed('written')),
  };
}
