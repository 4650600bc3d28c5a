/** Keeps the history in a file, or on a branch of its own that no checkout ever sees. */
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { messageOf, usageError } from '../../core/errors.ts';
import { makeFolders } from '../../core/folders.ts';
import { unwritable } from '../../core/whole-file.ts';
import { git } from '../git.ts';

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

/** Sends text to a git command. @returns what it printed, trimmed */
function gitWith(cwd: string, args: readonly string[], input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', [...args], { cwd, stdio: ['pipe', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve(output.trim()) : reject(new Error(`git ${args[0]} ended with ${code}`)),
    );
    child.stdin.end(input);
  });
}

/**
 * A branch that holds one file and shares no commit with the code. It is written by git's plumbing alone, so the
 * working tree and the index stay as they are.
 */
export function branchStore(repository: string, branch: string): HistoryStore {
  const ref = `refs/heads/${branch}`;
  const tip = () => git(repository, ['rev-parse', '--verify', '--quiet', ref]).catch(() => null);
  // Its last line feed is cut off by the reader of git's output.
  const read = async () => {
    if ((await tip()) === null) return '';
    const text = await git(repository, ['cat-file', 'blob', `${ref}:${FILE}`]).catch(() => '');
    return text === '' ? '' : `${text}\n`;
  };
  return {
    name: `branch ${branch}`,
    read,
    append: async (line, message) => {
      try {
        await git(repository, ['check-ref-format', ref]);
        const parent = await tip();
        const blob = await gitWith(repository, ['hash-object', '-w', '--stdin'], `${await read()}${line}`);
        const tree = await gitWith(repository, ['mktree'], `100644 blob ${blob}\t${FILE}\n`);
        const commit = await git(repository, [
          'commit-tree',
          tree,
          ...(parent === null ? [] : ['-p', parent]),
          '-m',
          message,
        ]);
        // Fails where another run was faster, rather than losing its line.
        await git(repository, ['update-ref', ref, commit, parent ?? '0'.repeat(40)]);
      } catch (error) {
        throw usageError(
          `--branch: ${branch} cannot be written: ${messageOf(error)}`,
          'name another branch, or a --file',
        );
      }
    },
  };
}
