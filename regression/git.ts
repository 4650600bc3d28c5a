/** Questions to git: which commit a name means, and the files of a commit in a folder of our own. */
import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf, TollgateError, usageError } from '../core/errors.ts';

const LIMITS = { timeout: 120_000, maxBuffer: 64 * 1024 * 1024 } as const;

/** @returns what git printed, trimmed. @throws Error with git's first line if it fails */
export async function git(cwd: string, args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('git', [...args], { cwd, env: { ...process.env, ...env }, ...LIMITS });
    return stdout.trim();
  } catch (error) {
    const said = typeof error === 'object' && error !== null && 'stderr' in error ? String(error.stderr).trim() : '';
    throw new Error(said === '' ? messageOf(error) : (said.split('\n')[0] ?? ''));
  }
}

/**
 * @param flag such as `--base`, for the message
 * @returns the full name of the commit
 * @throws TollgateError (usage) if there is no such commit here
 */
export async function commitOf(repository: string, ref: string, flag: string): Promise<string> {
  try {
    if (ref.startsWith('-')) throw new Error('a name begins with no dash');
    return await git(repository, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`]);
  } catch {
    throw usageError(
      `${flag}: ${JSON.stringify(ref)} is neither a folder nor a commit of this repository`,
      'name a branch, a tag, a commit or a folder; in a shallow clone fetch it first: git fetch --unshallow',
    );
  }
}

/** `a1b2c3d The subject of the commit` */
export function describeCommit(repository: string, commit: string): Promise<string> {
  return git(repository, ['show', '--no-patch', '--format=%h %s', commit]);
}

/**
 * Writes the files of a commit below `directory`. It uses its own index and no worktree, so that nothing is left in the
 * repository, however the run ends.
 */
export async function exportCommit(repository: string, commit: string, directory: string): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const env = { GIT_INDEX_FILE: join(directory, '.tollgate-index') };
  const root = await git(repository, ['rev-parse', '--show-toplevel']);
  try {
    await git(root, ['read-tree', commit], env);
    await git(root, ['checkout-index', '--all', `--prefix=${directory}/`], env);
  } catch (error) {
    if (error instanceof TollgateError) throw error;
    throw usageError(`the files of ${commit.slice(0, 12)} cannot be read: ${messageOf(error)}`, 'run git fsck');
  }
}

/** The commits that `bad` has and `good` has not, along the first parents, oldest first; the last is `bad`. */
export async function commitsBetween(repository: string, good: string, bad: string): Promise<string[]> {
  const listed = await git(repository, ['rev-list', '--first-parent', '--reverse', `${good}..${bad}`]);
  return listed === '' ? [] : listed.split('\n');
}

export async function isAncestor(repository: string, older: string, newer: string): Promise<boolean> {
  return git(repository, ['merge-base', '--is-ancestor', older, newer]).then(
    () => true,
    () => false,
  );
}
