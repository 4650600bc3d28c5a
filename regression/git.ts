/** Git operations: resolves names to commits, and exports the files of a commit into a folder. */
import { execFile, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { environmentError, messageOf, usageError } from '../core/errors.ts';
import { GitError, gitHint } from './git-error.ts';

const LIMITS = { timeout: 120_000, maxBuffer: 64 * 1024 * 1024 } as const;

/** Variables set by a git hook, which would name its repository instead of the folder's. */
const OF_A_HOOK = ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_PREFIX', 'GIT_COMMON_DIR'];

/** An environment in which git's errors are in English, since hints depend on them. */
function environmentOf(more: Record<string, string> = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !OF_A_HOOK.includes(name));
  return { ...Object.fromEntries(kept), LC_ALL: 'C', LANGUAGE: '', ...more };
}

/** @returns what git printed, trimmed. @throws GitError with its reason if it fails */
export async function git(cwd: string, args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('git', [...args], { cwd, env: environmentOf(env), ...LIMITS });
    return stdout.trim();
  } catch (error) {
    const { stderr = '', killed = false } = error as { readonly stderr?: string; readonly killed?: boolean };
    throw new GitError(stderr, killed ? tooLong(args) : messageOf(error));
  }
}

const tooLong = ([operation]: readonly string[]) => `git ${operation} took longer than ${LIMITS.timeout / 1000} s`;

/**
 * Sends bytes to git, and returns all its output, however large. @throws GitError with its reason if it fails, cannot
 * be started, or takes longer than two minutes
 */
export async function gitBytes(cwd: string, args: readonly string[], input: Buffer | null = null): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of gitStream(cwd, args, input === null ? [] : [input])) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** The same with streamed input. @throws also errors of the input */
export async function gitFed(cwd: string, args: readonly string[], input: AsyncIterable<Buffer>): Promise<string> {
  let printed = '';
  for await (const piece of gitStream(cwd, args, input)) printed += piece.toString();
  return printed;
}

/** Git's output in chunks. @throws Error as `gitBytes`, after everything was read */
export async function* gitStream(
  cwd: string,
  args: readonly string[],
  input: Iterable<Buffer> | AsyncIterable<Buffer> = [],
): AsyncGenerator<Buffer> {
  const child = spawn('git', [...args], { cwd, env: environmentOf(), stdio: 'pipe', timeout: LIMITS.timeout });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', (error) => reject(new GitError('', error.message)));
    child.once('close', (code, signal) => {
      if (code === 0) resolve();
      else
        reject(
          new GitError(
            said,
            code === null && child.killed ? tooLong(args) : `git ${args[0]} ended with ${code ?? signal}`,
          ),
        );
    });
  });
  // Both may reject before they are awaited.
  ended.catch(() => {});
  const fed = pipeline(Readable.from(input), child.stdin).then(
    () => null,
    (error: NodeJS.ErrnoException) => error,
  );
  try {
    yield* child.stdout as AsyncIterable<Buffer>;
    await ended;
    const error = await fed;
    // It may exit before it has read everything; its exit code then gives the reason.
    if (error !== null && error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  } finally {
    child.kill();
  }
}

/**
 * @param ref the full name of a branch @returns its tip; null if there is no such branch @throws Error with git's reason
 * if that is unknown: no git, no repository, or one of another owner
 */
export async function tipOf(repository: string, ref: string): Promise<string | null> {
  // `rev-parse --quiet` fails in the same way for a missing branch and for an unreadable repository. A name is a pattern
  // here, which others can match, such as those in a folder of that name.
  const listed = await git(repository, ['for-each-ref', '--format=%(refname) %(objectname)', ref]);
  const own = listed.split('\n').find((line) => line.startsWith(`${ref} `));
  return own === undefined ? null : own.slice(ref.length + 1);
}

/** Branches of this name that only remotes have, such as `origin/name`. @throws Error as `tipOf` */
export async function remoteBranches(repository: string, branch: string): Promise<string[]> {
  const listed = await git(repository, ['for-each-ref', '--format=%(refname:lstrip=2)', 'refs/remotes']);
  return listed.split('\n').filter((name) => name.slice(name.indexOf('/') + 1) === branch && name.includes('/'));
}

/** The folder in which a branch is checked out; null if in none. @throws Error with git's reason */
export async function checkoutOf(repository: string, ref: string): Promise<string | null> {
  const listed = await git(repository, ['worktree', 'list', '--porcelain']);
  const own = listed.split('\n\n').find((tree) => tree.split('\n').includes(`branch ${ref}`));
  return own === undefined ? null : (own.split('\n')[0] ?? '').replace(/^worktree /, '');
}

/**
 * @param flag such as `--base`, for the message
 * @returns the full name of the commit
 * @throws TollgateError (usage) if there is no such commit here
 */
export async function commitOf(repository: string, ref: string, flag: string): Promise<string> {
  try {
    await git(repository, ['rev-parse', '--git-dir']);
  } catch (error) {
    throw usageError(`${flag}: git cannot read ${repository}: ${messageOf(error)}`, gitHint(error));
  }
  const found = await commitNamed(repository, ref);
  if (found !== null) return found;
  throw usageError(
    `${flag}: ${JSON.stringify(ref)} is neither a folder nor a commit of this repository`,
    await hintForMissing(repository, ref),
  );
}

async function commitNamed(repository: string, ref: string): Promise<string | null> {
  if (ref.startsWith('-')) return null;
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`];
  return git(repository, args).catch(() => null);
}

async function hintForMissing(repository: string, ref: string): Promise<string> {
  if ((await commitNamed(repository, 'HEAD')) === null) return 'this repository has no commit yet: make one';
  // A CI checkout has the branches of its remote only under their long names.
  const remote = `origin/${ref}`;
  if ((await commitNamed(repository, `refs/remotes/${remote}`)) !== null) return `did you mean ${remote}?`;
  if (await isShallow(repository)) return `this clone is shallow: ${DEEPEN}`;
  return 'name a branch, a tag, a commit or a folder; fetch it first if it is elsewhere: git fetch origin';
}

const DEEPEN = 'git fetch --unshallow origin (in a workflow: fetch-depth: 0 for actions/checkout)';

async function isShallow(repository: string): Promise<boolean> {
  return (await git(repository, ['rev-parse', '--is-shallow-repository'])) === 'true';
}

/**
 * The merge base with a branch, so that a change is not compared with others' later commits. @param head the judged
 * commit @throws TollgateError (usage) if there is none, or this clone is too shallow
 */
export async function mergeBase(repository: string, branch: string, head: string, flag: string): Promise<string> {
  const [tip, own] = [await commitOf(repository, branch, flag), await commitOf(repository, head, '--head')];
  const common = await git(repository, ['merge-base', tip, own]).catch(() => '');
  if (common !== '') return common;
  const shallow = await isShallow(repository);
  throw usageError(
    `${flag}: ${shallow ? 'this clone is too shallow to hold the merge base' : 'there is no merge base'} of ${branch} and ${head}`,
    shallow ? `fetch the commits between them: ${DEEPEN}` : 'name a branch that shares a commit with it, or use --base',
  );
}

/** `a1b2c3d The subject of the commit` */
export function describeCommit(repository: string, commit: string): Promise<string> {
  return git(repository, ['show', '--no-patch', '--format=%h %s', commit]);
}

/**
 * Writes the files of a commit to `directory`: those of this checkout's folder in its repository. It uses a separate
 * index and no worktree, so that nothing is left in the repository, however the run ends.
 */
export async function exportCommit(repository: string, commit: string, directory: string): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const env = { GIT_INDEX_FILE: join(directory, '.tollgate-index') };
  const root = await git(repository, ['rev-parse', '--show-toplevel']);
  const folder = (await git(repository, ['rev-parse', '--show-prefix'])).replace(/\/$/, '');
  if (folder !== '' && (await git(root, ['ls-tree', commit, folder])) === '') {
    throw usageError(`${commit.slice(0, 12)} has no folder ${folder}`, 'choose a commit in which it has that path');
  }
  try {
    await git(root, ['read-tree', folder === '' ? commit : `${commit}:${folder}`], env);
    await git(root, ['checkout-index', '--all', `--prefix=${directory}/`], env);
  } catch (error) {
    throw environmentError(`the files of ${commit.slice(0, 12)} cannot be read: ${messageOf(error)}`, gitHint(error));
  }
}

/**
 * The commits in `bad` but not in `good`, along the first parents, oldest first; the last is `bad`. @throws
 * TollgateError (usage) if `good` is not an ancestor of `bad`, or this clone is too shallow
 */
export async function commitsBetween(repository: string, good: string, bad: string): Promise<string[]> {
  if (good === bad) {
    throw usageError('--good and --bad are the same commit', 'name an older commit as good, or a newer one as bad');
  }
  if (!(await isAncestor(repository, good, bad))) {
    const shallow = await isShallow(repository);
    throw usageError(
      `--good is not an ancestor of --bad${shallow ? ', as far as this shallow clone reaches' : ''}`,
      shallow ? `fetch the commits between them: ${DEEPEN}` : 'name an older commit as good and a newer one as bad',
    );
  }
  const listed = await git(repository, ['rev-list', '--first-parent', '--reverse', `${good}..${bad}`]);
  return listed === '' ? [] : listed.split('\n');
}

async function isAncestor(repository: string, older: string, newer: string): Promise<boolean> {
  return git(repository, ['merge-base', '--is-ancestor', older, newer]).then(
    () => true,
    () => false,
  );
}
