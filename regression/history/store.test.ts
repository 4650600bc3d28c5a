/** The branch of a history in states of a repository that could lose it. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { branchStore } from './store.ts';

const root = mkdtempSync(join(tmpdir(), 'tollgate-test-store-'));
const git = (cwd: string, ...args: string[]) => execFileSync('git', args, { cwd, encoding: 'utf8' }).trim();

function newRepository(...more: string[]): string {
  const folder = mkdtempSync(join(root, 'repository-'));
  git(folder, 'init', '--quiet', '--initial-branch=main', ...more);
  return folder;
}

async function linesOf(repository: string, branch: string): Promise<string[]> {
  const found: string[] = [];
  for await (const line of branchStore(repository, branch).lines()) found.push(line.toString());
  return found;
}

const add = (repository: string, branch: string, line: string) =>
  branchStore(repository, branch).append(`${line}\n`, 'Add a run');

beforeAll(() => {
  for (const who of ['AUTHOR', 'COMMITTER']) {
    vi.stubEnv(`GIT_${who}_NAME`, 't');
    vi.stubEnv(`GIT_${who}_EMAIL`, 't@example.org');
  }
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

it('neither reads nor begins a history that only a remote has', async () => {
  const origin = newRepository();
  await add(origin, 'kept/here', 'one');
  await add(origin, 'other', 'two');
  const clone = join(root, 'clone');
  git(root, 'clone', '--quiet', origin, clone);
  const refused = { message: '--branch: kept/here is not here, but origin/kept/here is' };
  await expect(linesOf(clone, 'kept/here')).rejects.toMatchObject({
    ...refused,
    hint: expect.stringMatching(/git branch kept\/here origin\/kept\/here/),
  });
  await expect(add(clone, 'kept/here', 'three')).rejects.toMatchObject(refused);
  expect(git(clone, 'for-each-ref', 'refs/heads/kept')).toBe('');
  git(clone, 'branch', 'kept/here', 'origin/kept/here');
  await add(clone, 'kept/here', 'three');
  expect(await linesOf(clone, 'kept/here')).toEqual(['one', 'three']);
  await add(clone, 'here', 'four');
  expect(await linesOf(clone, 'here')).toEqual(['four']);
});

it('is the branch of exactly that name', async () => {
  const cwd = newRepository();
  await add(cwd, 'kept/history', 'one');
  for (const name of ['kept', 'kept/*', 'kept/h*']) expect(await linesOf(cwd, name), name).toEqual([]);
  await add(cwd, 'kept/archive', 'two');
  expect(await linesOf(cwd, 'kept')).toEqual([]);
  expect(await linesOf(cwd, 'kept/history')).toEqual(['one']);
});

it('is not written where it is checked out, since the next commit there would delete it', async () => {
  const cwd = newRepository();
  writeFileSync(join(cwd, 'code.ts'), '');
  git(cwd, 'add', '.');
  git(cwd, 'commit', '--quiet', '--message', 'Begin');
  const before = git(cwd, 'rev-parse', 'main');
  await expect(add(cwd, 'main', 'one')).rejects.toMatchObject({
    message: expect.stringMatching(/^--branch: main is checked out in .*repository-/),
  });
  expect(git(cwd, 'rev-parse', 'main')).toBe(before);
  git(cwd, 'worktree', 'add', '--quiet', '-b', 'aside', join(root, 'aside'));
  await expect(add(cwd, 'aside', 'one')).rejects.toMatchObject({
    message: expect.stringMatching(/checked out in .*aside/),
  });
  await add(cwd, 'kept', 'one');
  expect(await linesOf(cwd, 'kept')).toEqual(['one']);
});

it('is kept in a repository whose object names are SHA-256, too', async () => {
  const cwd = newRepository('--object-format=sha256');
  await add(cwd, 'kept', 'one');
  await add(cwd, 'kept', 'two');
  expect(await linesOf(cwd, 'kept')).toEqual(['one', 'two']);
});
