/** The history in a file, and on a branch that no checkout shows. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleRun } from '../../reports/testing/sample-run.ts';
import { startBench } from '../support/bench-process.ts';

const root = mkdtempSync(join(tmpdir(), 'tollgate-test-history-'));
const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
const IDENTITY = Object.fromEntries(
  ['AUTHOR', 'COMMITTER'].flatMap((who) => [
    [`GIT_${who}_NAME`, 't'],
    [`GIT_${who}_EMAIL`, 't@example.org'],
  ]),
);
const history = (...args: string[]) => startBench(['history', ...args], IDENTITY, root).ended;

function newRepository(): string {
  const folder = mkdtempSync(join(root, 'repository-'));
  execFileSync('git', ['init', '--quiet'], { cwd: folder });
  return folder;
}

/** A run of day `i` in which every figure is `factor` times that of the sample. */
function writeRun(i: number, factor: number, folder = root): void {
  const run = sampleRun();
  writeFileSync(
    join(folder, 'run.json'),
    JSON.stringify({
      ...run,
      runId: `run-${i}`,
      startedAt: new Date(Date.UTC(2026, 0, 1 + i)).toISOString(),
      figures: run.figures.map((figure) => ({
        ...figure,
        value: figure.value * factor,
        low: figure.low * factor,
        high: figure.high * factor,
      })),
    }),
  );
}

beforeAll(() => {
  git('init', '--quiet');
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

it('adds runs once each, draws them, and fails after a lasting regression', async () => {
  for (const [i, factor] of [1, 1.003, 0.998, 1.001, 1].entries()) {
    writeRun(i, factor);
    expect((await history('add', '.')).code).toBe(0);
  }
  expect((await history('add', '.')).stdout).toMatch(/is already in it/);
  const calm = await history('check');
  expect(calm).toMatchObject({ code: 0, stdout: 'No recent regression in 5 runs.\n' });
  for (const [i, factor] of [1.2, 1.203, 1.199].entries()) {
    writeRun(10 + i, factor);
    await history('add', '.');
  }
  const worse = await history('check', '--metric', 'cpu_us_per_request');
  expect(worse.code).toBe(1);
  expect(worse.stdout).toMatch(/^worse: toll .*cpu_us_per_request: .*\(\+(19|20)\.\d %\) since/m);
  expect(worse.stdout).toMatch(/^since run-10: processor, kernel, Node, Redis and packages stayed the same$/m);
  expect((await history('show', '--metric', 'cpu_us_per_request', '--out', 'trends.html')).code).toBe(0);
  expect(readFileSync(join(root, 'trends.html'), 'utf8')).toMatch(/<svg[\s\S]*for the worse/);
});

it('says of a run that was broken off which experiments did not finish, and keeps it', async () => {
  const folder = newRepository();
  const run = sampleRun();
  const [first, ...others] = run.experiments;
  const experiments = [{ ...first, stoppedBy: 'interrupted' }, ...others];
  writeFileSync(join(folder, 'run.json'), JSON.stringify({ ...run, experiments, interrupted: true, complete: false }));
  const { code, stdout, stderr } = await history('add', folder, '--file', join(folder, 'history.jsonl'));
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: expect.stringContaining(`the run was broken off: ${first?.name} did not finish; its results are kept`),
  });
  expect(stdout).toContain('now contains 1 run');
});

it('stores it on a separate branch, and does not touch the working tree', async () => {
  const before = git('status', '--short');
  for (const i of [1, 2]) {
    writeRun(i, 1);
    const { code, stderr } = await history('add', '.', '--branch', 'kept');
    expect(code, stderr).toBe(0);
  }
  expect(git('rev-list', '--count', 'kept')).toBe('2');
  expect(git('show', 'kept:history.jsonl').split('\n')).toHaveLength(2);
  expect(git('status', '--short')).toBe(before);
  expect(existsSync(join(root, 'history.jsonl'))).toBe(false);
  expect(JSON.parse((await history('check', '--branch', 'kept', '--json')).stdout)).toMatchObject({
    runs: 2,
    worse: [],
  });
});

it('accepts a change with a reason and an owner, writes the team page next to the history, and summarises a week', async () => {
  const cwd = newRepository();
  const run = (...args: string[]) => startBench(['history', ...args, '--branch', 'kept'], IDENTITY, cwd).ended;
  for (const [i, factor] of [1, 1.001, 0.999, 1, 1.3, 1.301, 1.299].entries()) {
    writeRun(i, factor, cwd);
    expect((await run('add', '.')).code).toBe(0);
  }
  expect((await run('check')).code).toBe(1);
  const half = await run('accept', 'run-4', '--owner', 'ada');
  expect(half).toMatchObject({ code: 2, stderr: expect.stringMatching(/accept: --reason is missing/) });
  const none = await run('accept', 'run-2', '--owner', 'ada', '--reason', 'x');
  expect(none).toMatchObject({ code: 2, stderr: expect.stringMatching(/no change .*run-2[\s\S]*begin with .*run-4/) });
  const accepted = await run('accept', 'run-4', '--owner', 'ada', '--reason', 'keys are checked twice now');
  expect(accepted.code, accepted.stderr).toBe(0);
  const calm = await run('check');
  expect(calm.code, calm.stdout).toBe(0);
  expect(calm.stderr).toMatch(/accepted by ada: .*: keys are checked twice now/);
  const page = await run('page', '--out', 'toll.html', '--publish');
  expect(page.code, page.stderr).toBe(0);
  const shown = (file: string) =>
    execFileSync('git', ['show', `kept:${file}`], { cwd, encoding: 'utf8', maxBuffer: 1e8 });
  expect(shown('index.html')).toBe(readFileSync(join(cwd, 'toll.html'), 'utf8'));
  expect(shown('index.html')).toMatch(/Accepted by ada on .*: keys are checked twice now/);
  // One line for each arm and metric that was seen to change, so that no other is accepted unseen.
  const lines = shown('history.jsonl').trim().split('\n');
  const acceptances = lines.slice(7).map((line) => JSON.parse(line).accepted);
  expect(acceptances.length).toBeGreaterThan(1);
  for (const one of acceptances) expect(one).toMatchObject({ runId: 'run-4', metric: expect.stringMatching(/./) });
  writeRun(9, 1.3, cwd);
  expect((await run('add', '.')).code).toBe(0);
  expect(execFileSync('git', ['ls-tree', '--name-only', 'kept'], { cwd, encoding: 'utf8' })).toBe(
    'history.jsonl\nindex.html\n',
  );
  const week = await run('digest', '--days', '3650');
  expect(week.stdout).toMatch(/^## Tollgate: [\s\S]*### Accepted\n\n- .*accepted by ada: keys are checked twice now/);
});

describe('if git cannot read the branch', () => {
  const tipOf = (cwd: string) => execFileSync('git', ['rev-parse', 'kept'], { cwd, encoding: 'utf8' }).trim();
  const run = (cwd: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
    startBench(['history', ...args], { ...IDENTITY, ...env }, cwd).ended;

  it('keeps a history of 70 MB complete, with two writers at once', async () => {
    const cwd = newRepository();
    writeRun(1, 1, cwd);
    await run(cwd, ['add', '.', '--branch', 'kept']);
    const line = execFileSync('git', ['show', 'kept:history.jsonl'], { cwd, encoding: 'utf8' }).trim();
    const lines = Math.ceil(70e6 / line.length);
    const text = Array.from({ length: lines }, (_, i) => line.replace('"run-1"', `"run-${i + 10}"`)).join('\n');
    const given = (args: string[], input: string) => execFileSync('git', args, { cwd, input, encoding: 'utf8' }).trim();
    const blob = given(['hash-object', '-w', '--stdin'], text);
    const tree = given(['mktree'], `100644 blob ${blob}\thistory.jsonl\n`);
    const commit = execFileSync('git', ['commit-tree', tree, '-m', 'large'], {
      cwd,
      encoding: 'utf8',
      env: { ...process.env, ...IDENTITY },
    }).trim();
    given(['update-ref', 'refs/heads/kept', commit], '');
    const folders = [2, 3].map((i) => {
      const folder = mkdtempSync(join(cwd, 'run-'));
      writeRun(i, 1, folder);
      return folder;
    });
    for (const added of await Promise.all(folders.map((folder) => run(cwd, ['add', folder, '--branch', 'kept'])))) {
      expect(added.code, added.stderr).toBe(0);
    }
    // A file of that size is left as it is: the new lines begin another.
    const first = execFileSync('git', ['rev-parse', 'kept:history.jsonl'], { cwd, encoding: 'utf8' }).trim();
    expect(first).toBe(blob);
    const added = execFileSync('git', ['show', 'kept:history-0002.jsonl'], { cwd, encoding: 'utf8' }).trim();
    const ids = added.split('\n').map((text) => JSON.parse(text).runId);
    expect(ids.toSorted()).toEqual(['run-2', 'run-3']);
    // What is in the first file is known, and the first line of the second is not a part of its last one.
    writeRun(lines + 9, 1, cwd);
    const again = await run(cwd, ['add', '.', '--branch', 'kept', '--json']);
    expect(JSON.parse(again.stdout)).toMatchObject({ runs: lines + 3, added: true });
  });

  it('keeps the lines of concurrent writers', async () => {
    const cwd = newRepository();
    const writers = [1, 2, 3, 4].map((i) => {
      const folder = mkdtempSync(join(cwd, 'run-'));
      writeRun(i, 1, folder);
      return run(cwd, ['add', folder, '--branch', 'kept']);
    });
    for (const { code, stderr } of await Promise.all(writers)) expect(code, stderr).toBe(0);
    const lines = execFileSync('git', ['show', 'kept:history.jsonl'], { cwd, encoding: 'utf8' }).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).runId).toSorted()).toEqual(['run-1', 'run-2', 'run-3', 'run-4']);
  });

  it('replaces nothing in a partial clone whose remote is gone', async () => {
    const origin = newRepository();
    writeRun(1, 1, origin);
    await run(origin, ['add', '.', '--branch', 'kept']);
    execFileSync('git', ['config', 'uploadpack.allowFilter', 'true'], { cwd: origin });
    const partial = join(root, 'partial');
    const words = ['clone', '--quiet', '--bare', '--filter=blob:none', `file://${origin}`, partial];
    execFileSync('git', words, { stdio: 'ignore' });
    rmSync(origin, { recursive: true });
    writeRun(2, 1, partial);
    const before = tipOf(partial);
    const added = await run(partial, ['add', '.', '--branch', 'kept']);
    expect(added).toMatchObject({ code: 2, stderr: expect.stringMatching(/branch: kept cannot be read: /) });
    expect(tipOf(partial)).toBe(before);
  });

  it('reports the reason given by git, and what to do', async () => {
    const bare = mkdtempSync(join(root, 'bare-'));
    writeRun(1, 1, bare);
    const ceiling = { GIT_CEILING_DIRECTORIES: root };
    for (const verb of ['add', 'check']) {
      const outside = await run(bare, [verb, ...(verb === 'add' ? ['.'] : []), '--branch', 'kept'], ceiling);
      expect(outside).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/not a git repository[\s\S]*run it within/),
      });
      const gitless = await run(bare, [verb, ...(verb === 'add' ? ['.'] : []), '--branch', 'kept'], { PATH: bare });
      expect(gitless).toMatchObject({ code: 2, stderr: expect.stringMatching(/install git/) });
    }
    const nobody = { HOME: bare, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null', EMAIL: '' };
    const cwd = newRepository();
    execFileSync('git', ['config', 'user.useConfigOnly', 'true'], { cwd });
    writeRun(1, 1, cwd);
    const unnamed = await startBench(['history', 'add', '.', '--branch', 'kept'], nobody, cwd).ended;
    expect(unnamed).toMatchObject({ code: 2, stderr: expect.stringMatching(/git config user\.name/) });
  });
});

it('reports all errors', async () => {
  const wrong = await history('chek', '--recent', '0', '--metric', 'cpu_tol_us', '--out', 'x.png');
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toMatch(/chek[\s\S]*did you mean cpu_toll_us\?[\s\S]*x\.png[\s\S]*--recent/);
  expect((await history('check', '--file', 'no ne.jsonl')).stderr).toMatch(
    /no ne.jsonl contains no run yet\n.* -- add results\/latest --file 'no ne.jsonl'\n/,
  );
  writeFileSync(join(root, 'later.jsonl'), '{"version":9}\n');
  const later = await history('check', '--file', 'later.jsonl');
  expect(later.stderr).toMatch(/line 1 is ignored: it has version 9/);
  expect(later.stderr).toMatch(/later\.jsonl contains no run that can be read/);
  writeRun(1, 1);
  expect((await history('add', '.', '--file', 'later.jsonl')).stderr).toMatch(/line 1 is ignored: it has version 9/);
  const ignored = await history('check', '--days', '3', '--series', '2');
  expect(ignored).toMatchObject({ code: 2 });
  expect(ignored.stderr).toMatch(
    /--days has no effect on check: use it with digest[\s\S]*--series has no effect on check/,
  );
  const folder = await history('check', '--file', '.');
  expect(folder).toMatchObject({ code: 2, stderr: expect.stringMatching(/--file: \. cannot be read: EISDIR/) });
  expect((await history('add', 'nowhere')).stderr).toMatch(/run\.json not found/);
});
