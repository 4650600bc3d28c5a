/** Git's own errors, where a clone lacks what it is asked for. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { EXIT } from '../../core/errors.ts';
import { describeCommit, exportCommit } from '../../regression/git.ts';

const root = mkdtempSync(join(tmpdir(), 'tollgate-test-git-errors-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const git = (cwd: string, ...args: string[]) =>
  execFileSync('git', args, { cwd, encoding: 'utf8', stdio: 'pipe' }).trim();

/** A clone without the contents of files, and its remote. */
function partialClone(name: string) {
  const [origin, partial] = [join(root, `${name}-origin`), join(root, name)];
  git(root, 'init', '--quiet', origin);
  writeFileSync(join(origin, 'file'), 'content\n');
  git(origin, 'config', 'uploadpack.allowFilter', 'true');
  git(origin, 'add', '.');
  git(origin, '-c', 'user.name=t', '-c', 'user.email=t@example.org', 'commit', '--quiet', '-m', 'x');
  git(root, 'clone', '--quiet', '--no-checkout', '--filter=blob:none', `file://${origin}`, partial);
  return { origin, partial, commit: git(partial, 'rev-parse', 'HEAD') };
}

it('says that the remote of a partial clone cannot be reached, and how to need it no more', async () => {
  const { origin, partial, commit } = partialClone('offline');
  rmSync(origin, { recursive: true });
  await expect(exportCommit(partial, commit, join(root, 'exported'))).rejects.toMatchObject({
    exitCode: EXIT.environment,
    message: expect.stringMatching(/^the files of \w{12} cannot be read: fatal: /),
    hint: expect.stringMatching(/remote cannot be reached: .*git fetch --refetch --no-filter$/),
  });
});

it('works without the remote after the fetch that it recommends', async () => {
  const { origin, partial, commit } = partialClone('fetched');
  git(partial, 'fetch', '--quiet', '--refetch', '--no-filter');
  rmSync(origin, { recursive: true });
  await exportCommit(partial, commit, join(root, 'whole'));
  expect(readFileSync(join(root, 'whole/file'), 'utf8')).toBe('content\n');
});

it('gives every error of git an exit code of the environment, and a hint', async () => {
  await expect(describeCommit(root, 'HEAD')).rejects.toMatchObject({
    exitCode: EXIT.environment,
    message: expect.stringMatching(/not a git repository/),
    hint: 'run it within a git repository',
  });
});
