/** Questions to git: which commit a name means, and the files of a commit in a folder of our own. */
import { execFile, spawn } from 'node:child_process';
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
 * Sends bytes to git, and takes all that it prints, however much that is.
 * @throws Error with git's first line if it fails, cannot be started, or takes longer than two minutes
 */
export function gitBytes(cwd: string, args: readonly string[], input: Buffer | null = null): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', [...args], { cwd, stdio: 'pipe', timeout: LIMITS.timeout });
    const printed: Buffer[] = [];
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => printed.push(chunk));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    child.once('error', reject);
    // It may end before it has read everything; its exit code then says why.
    child.stdin.on('error', () => {});
    child.once('close', (code, signal) => {
      if (code === 0) resolve(Buffer.concat(printed));
      else reject(new Error(said.trim().split('\n')[0] || `git ${args[0]} ended with ${code ?? signal}`));
    });
    child.stdin.end(input ?? undefined);
  });
}

/**
 * @returns the commit a branch ends with; null if there is no such branch
 * @throws Error with git's own reason if that cannot be said: no git, no repository, or one of another owner
 */
export async function tipOf(repository: string, ref: string): Promise<string | null> {
  // `rev-parse --quiet` fails alike for a missing branch and for a repository that it may not read.
  const tip = await git(repository, ['for-each-ref', '--format=%(objectname)', ref]);
  return tip === '' ? null : tip;
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
    throw usageError(`${flag}: git cannot read ${repository}: ${messageOf(error)}`, hintFor(messageOf(error)));
  }
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

/** What to do about git's own reason. */
export function hintFor(reason: string): string {
  if (reason.includes('ENOENT')) return 'install git, or put it on the PATH';
  if (reason.includes('dubious ownership')) return 'allow it: git config --global --add safe.directory FOLDER';
  if (/identity|user\.(name|email)|ident name/i.test(reason)) {
    return 'tell git who commits: git config user.name NAME and git config user.email ADDRESS';
  }
  if (reason.includes('not a git repository')) return 'run it within a git repository';
  return 'see what git says, and try the same with git itself';
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
