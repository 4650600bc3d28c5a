/** Stores the history in a file, or on a separate branch that is never checked out. */
import { appendFileSync, closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import { unwritable } from '../../core/atomic-file.ts';
import { messageOf, TollgateError, usageError } from '../../core/errors.ts';
import { makeFolders } from '../../core/folders.ts';
import { linesOfFile, linesOfStream } from '../../core/lines.ts';
import { shellWord } from '../../core/text/shell.ts';
import { checkoutOf, git, gitBytes, gitFed, gitStream, remoteBranches, tipOf } from '../git.ts';
import { GitError, gitHint } from '../git-error.ts';

const LINE_FEED = 10;

export interface HistoryStore {
  readonly name: string;
  /** All lines, in chunks; empty if there are none yet. @throws TollgateError if they cannot be read */
  lines(from?: number): AsyncGenerator<Buffer>;
  /** @throws TollgateError if it cannot be written */
  append(line: string, message: string): Promise<void>;
  /** Puts a file next to the history, replacing the last of that name; null if there is no branch to put it on. */
  readonly publish: ((name: string, content: string, message: string) => Promise<void>) | null;
}

export function fileStore(path: string): HistoryStore {
  return {
    name: path,
    async *lines(from) {
      if (!existsSync(path)) return;
      try {
        yield* linesOfFile(path, from);
      } catch (error) {
        throw usageError(`--file: ${path} cannot be read: ${messageOf(error)}`, 'name a file that can be read');
      }
    },
    append: async (line) => {
      makeFolders(dirname(path));
      try {
        // A line that was cut off must not merge with this one.
        appendFileSync(path, isWhole(path) ? line : `\n${line}`);
      } catch (error) {
        throw unwritable(path, error);
      }
    },
    publish: null,
  };
}

/** Whether a file is missing, empty, or ends with a whole line. */
function isWhole(path: string): boolean {
  if (!existsSync(path)) return true;
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const last = Buffer.alloc(1);
    return size === 0 || (readSync(file, last, 0, 1, size - 1) === 1 && last[0] === LINE_FEED);
  } finally {
    closeSync(file);
  }
}

/** GitHub refuses a file of more than 100 MB. Besides, each line that is added stores its whole file once more. */
const MOST_BYTES = 50_000_000;
/** The first file is without a number, as all were once. */
const FILE = /^history(?:-(\d{4,}))?\.jsonl$/;
const fileName = (number: number) =>
  number === 1 ? 'history.jsonl' : `history-${String(number).padStart(4, '0')}.jsonl`;

/** One file of the history on a branch. */
interface Part {
  readonly number: number;
  readonly blob: string;
}

/** Writers that were faster, before this one gives up. */
const MOST_TRIES = 8;

/**
 * A branch that holds the history, and perhaps its page, and shares no commit with the code. It is written by git's
 * plumbing alone, so the working tree and the index stay as they are. What cannot be read is never replaced. The
 * history is in one or several files, which are read in order of their numbers; lines are added to the last one. It
 * passes through in pieces, however large it is. @param mostBytes of a file, unless a single line is longer
 */
export function branchStore(repository: string, branch: string, mostBytes = MOST_BYTES): HistoryStore {
  const ref = `refs/heads/${branch}`;
  const partsAt = async (tip: string | null): Promise<Part[]> => {
    if (tip === null) return [];
    const listed = (await gitBytes(repository, ['ls-tree', '-z', '--full-tree', tip])).toString();
    const parts = listed.split('\0').flatMap((entry): Part[] => {
      const [, blob, name = ''] = /^\d+ blob ([0-9a-f]+)\t(.*)$/s.exec(entry) ?? [];
      const found = FILE.exec(name);
      return blob === undefined || found === null ? [] : [{ number: Number(found[1] ?? 1), blob }];
    });
    return parts.toSorted((a, b) => a.number - b.number);
  };
  /** All files as one, each beginning on a line of its own. */
  async function* joined(parts: readonly Part[]): AsyncGenerator<Buffer> {
    let last = LINE_FEED;
    for (const { blob } of parts) {
      if (last !== LINE_FEED) yield Buffer.of(LINE_FEED);
      last = LINE_FEED;
      for await (const piece of gitStream(repository, ['cat-file', 'blob', blob])) {
        last = piece.at(-1) ?? last;
        yield piece;
      }
    }
  }
  const sizeOf = async (blob: string) => Number(await git(repository, ['cat-file', '-s', blob]));
  /** @throws TollgateError (usage) if only a remote has the branch: what is here would be a second history */
  const ownTip = async (): Promise<string | null> => {
    const tip = await tipOf(repository, ref);
    const [remote] = tip === null ? await remoteBranches(repository, branch) : [];
    if (remote === undefined) return tip;
    throw usageError(
      `--branch: ${branch} is not here, but ${remote} is`,
      `make it a branch of this clone: git branch ${shellWord(branch)} ${shellWord(remote)}`,
    );
  };
  const failed = (did: string) => (error: unknown) => {
    if (error instanceof TollgateError && !(error instanceof GitError)) throw error;
    const reason = messageOf(error);
    throw usageError(`--branch: ${branch} cannot be ${did}: ${reason}`, gitHint(error));
  };
  /** @returns the new blob, which holds the old one and the line */
  const grown = async (old: string | null, line: string): Promise<string> => {
    let [before, last, whole] = [0, LINE_FEED, 0];
    async function* content() {
      if (old !== null) {
        for await (const piece of gitStream(repository, ['cat-file', 'blob', old])) {
          before += piece.length;
          last = piece.at(-1) ?? last;
          yield piece;
        }
      }
      const added = Buffer.from(last === LINE_FEED ? line : `\n${line}`);
      whole = before + added.length;
      yield added;
    }
    const blob = (await gitFed(repository, ['hash-object', '-w', '--stdin'], content())).trim();
    if (old !== null) {
      const expected = await sizeOf(old);
      if (expected !== before) throw new Error(`git gave ${before} of ${expected} bytes`);
    }
    const stored = await sizeOf(blob);
    if (stored !== whole) throw new Error(`git kept ${stored} of ${whole} bytes`);
    return blob;
  };
  /** All other files of the branch stay as they are. */
  const treeWith = async (parent: string | null, name: string, blob: string): Promise<string> => {
    const listed =
      parent === null ? '' : (await gitBytes(repository, ['ls-tree', '-z', '--full-tree', parent])).toString();
    const others = listed.split('\0').filter((entry) => entry !== '' && !entry.endsWith(`\t${name}`));
    const entries = [...others, `100644 blob ${blob}\t${name}`].map((entry) => `${entry}\0`).join('');
    return (await gitBytes(repository, ['mktree', '-z'], Buffer.from(entries))).toString().trim();
  };
  /** @param make the file, from the commit that it will follow */
  const put = async (
    make: (parent: string | null) => Promise<{ readonly name: string; readonly blob: string }>,
    message: string,
  ) => {
    await git(repository, ['check-ref-format', ref]).catch(() => {
      throw new Error('not a valid branch name');
    });
    const folder = await checkoutOf(repository, ref);
    if (folder !== null) {
      // Its index and files would lag behind, and the next commit there would delete the history.
      throw usageError(
        `--branch: ${branch} is checked out in ${folder}`,
        'keep the history on a branch of its own, which nothing checks out',
      );
    }
    for (let tries = 1; ; tries++) {
      const parent = await ownTip();
      const { name, blob } = await make(parent);
      const tree = await treeWith(parent, name, blob);
      const parents = parent === null ? [] : ['-p', parent];
      const commit = await git(repository, ['commit-tree', tree, ...parents, '-m', message]);
      try {
        // Refused where another run was faster, rather than losing its line. Empty: there must be no such branch yet.
        await git(repository, ['update-ref', ref, commit, parent ?? '']);
        return;
      } catch (error) {
        if (tries >= MOST_TRIES || (await tipOf(repository, ref)) === parent) throw error;
      }
    }
  };
  const append = (line: string, message: string) =>
    put(async (parent) => {
      const last = (await partsAt(parent)).at(-1);
      if (last === undefined) return { name: fileName(1), blob: await grown(null, line) };
      const isFull = (await sizeOf(last.blob)) + Buffer.byteLength(line) + 1 > mostBytes;
      return {
        name: fileName(isFull ? last.number + 1 : last.number),
        blob: await grown(isFull ? null : last.blob, line),
      };
    }, message);
  const publish = (name: string, content: string, message: string) =>
    put(async () => {
      const blob = await gitBytes(repository, ['hash-object', '-w', '--stdin'], Buffer.from(content));
      return { name, blob: blob.toString().trim() };
    }, message);
  return {
    name: `branch ${branch}`,
    async *lines(from) {
      try {
        yield* linesOfStream(joined(await partsAt(await ownTip())), from);
      } catch (error) {
        failed('read')(error);
      }
    },
    append: (line, message) => append(line, message).catch(failed('written')),
    publish: (name, content, message) => publish(name, content, message).catch(failed('written')),
  };
}
