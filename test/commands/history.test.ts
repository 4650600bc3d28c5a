/** The history as a user keeps it: in a file, and on a branch that no checkout sees. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sampleRun } from '../../reports/testing/sample-run.ts';
import { startBench } from '../support/bench-process.ts';

const root = mkdtempSync(join(tmpdir(), 'tollgate-test-history-'));
const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
const history = (...args: string[]) =>
  startBench(
    ['history', ...args],
    Object.fromEntries(
      ['AUTHOR', 'COMMITTER'].flatMap((who) => [
        [`GIT_${who}_NAME`, 't'],
        [`GIT_${who}_EMAIL`, 't@example.org'],
      ]),
    ),
    root,
  ).ended;

/** A run of day `i`, whose every figure is `factor` times the sample's. */
function writeRun(i: number, factor: number): void {
  const run = sampleRun();
  writeFileSync(
    join(root, 'run.json'),
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

it('adds runs once each, draws them, and is red after a lasting change for the worse', async () => {
  for (const [i, factor] of [1, 1.003, 0.998, 1.001, 1].entries()) {
    writeRun(i, factor);
    expect((await history('add', '.')).code).toBe(0);
  }
  expect((await history('add', '.')).stdout).toMatch(/is in it already/);
  const calm = await history('check');
  expect(calm).toMatchObject({ code: 0, stdout: 'No recent change for the worse in 5 runs.\n' });
  for (const [i, factor] of [1.2, 1.203, 1.199].entries()) {
    writeRun(10 + i, factor);
    await history('add', '.');
  }
  const worse = await history('check', '--metric', 'cpu_us_per_request');
  expect(worse.code).toBe(1);
  expect(worse.stdout).toMatch(/^worse: toll .*cpu_us_per_request: .*\(\+(19|20)\.\d %\) since/m);
  expect((await history('show', '--metric', 'cpu_us_per_request', '--out', 'trends.html')).code).toBe(0);
  expect(readFileSync(join(root, 'trends.html'), 'utf8')).toMatch(/<svg[\s\S]*for the worse/);
});

it('keeps it on a branch of its own, and leaves the working tree alone', async () => {
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

it('names every fault', async () => {
  const wrong = await history('chek', '--recent', '0', '--metric', 'cpu_tol_us', '--out', 'x.png');
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toMatch(/chek[\s\S]*did you mean cpu_toll_us\?[\s\S]*x\.png[\s\S]*--recent/);
  expect((await history('check', '--file', 'none.jsonl')).stderr).toMatch(/none.jsonl holds no run yet/);
  expect((await history('add', 'nowhere')).stderr).toMatch(/run\.json not found/);
});
