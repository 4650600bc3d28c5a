/** Two real shards with a tiny budget, started at the same time, and the merged run. */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readJournalFile } from '../../core/results/journal.ts';
import type { Run } from '../../core/results/schema.ts';
import { startBench } from '../support/bench-process.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';

const root = mkdtempSync(join(tmpdir(), 'tollgate-test-merge-'));
afterAll(async () => {
  await redis?.stop();
  rmSync(root, { recursive: true, force: true });
});

let redis: TestRedis;
const cli = (...args: string[]) => startBench(args, { TOLLGATE_CLOCK_URL: redis?.url }, root).ended;
const PLAN = ['--seed', '5', '--experiments', 'toll', '--arms', 'none,jwt-hs256', '--budget', '1s'];
// By then the security checks have ended, even on a busy machine.
const startAt = new Date(Date.now() + 20_000).toISOString();

const slicesIn = (folder: string) =>
  readJournalFile(join(root, folder, 'journal.jsonl')).lines.filter((line) => line.kind === 'slice');

beforeAll(async () => {
  redis = await startRedis();
  const shards = ['1/2', '2/2'].map((shard, i) =>
    cli('bench', '--shard', shard, '--start-at', startAt, ...PLAN, '--out', `s${i + 1}`),
  );
  for (const { code, stderr } of await Promise.all(shards)) expect(`${code} ${code === 0 ? '' : stderr}`).toBe('0 ');
});

it('merges all measurements of both into one run with its report', async () => {
  const { code, stdout } = await cli('merge', 's2', 's1', '--out', 'merged', '--json');
  expect(code).toBe(0);
  const run = JSON.parse(stdout) as Run;
  const [one, two, both] = ['s1', 's2', 'merged'].map((folder) => slicesIn(folder));
  expect(both?.length).toBe((one?.length ?? 0) + (two?.length ?? 0));
  expect(new Set(both?.map(({ fork }) => fork % 2))).toEqual(new Set([0, 1]));
  expect(run.complete).toBe(true);
  expect(run.shards?.map(({ index, startAt: at }) => [index, at])).toEqual([
    [1, startAt],
    [2, startAt],
  ]);
  // Neither began before the agreed time, and both waited for it.
  for (const { lateMs } of run.shards ?? []) {
    expect(lateMs).toBeGreaterThanOrEqual(0);
    expect(lateMs).toBeLessThan(10_000);
  }
  // Both shards and Redis use the clock of this machine.
  for (const { clock } of run.shards ?? [])
    expect(Math.abs(clock?.offsetMs ?? Number.NaN)).toBeLessThanOrEqual((clock?.uncertaintyMs ?? 0) + 1);
  expect(run.notes.join('\n')).toMatch(/by a common clock; their clocks were up to/);
  expect(run.figures.find(({ metric }) => metric === 'cpu_ratio_to_baseline')?.forks).toBeGreaterThanOrEqual(2);
  expect(run.notes.join('\n')).toMatch(/Merged of 2 shards, on machines of one class/);
  expect(readFileSync(join(root, 'merged', 'shards.csv'), 'utf8')).toMatch(/^shard,experiment,.*^1,toll,.*^2,toll,/ms);
  expect(readFileSync(join(root, 'merged', 'report.html'), 'utf8')).toMatch(/What authentication costs over 2 shards/);
  for (const file of ['report.html', 'summary.md', 'gate.json'])
    expect(existsSync(join(root, 'merged', file))).toBe(true);
});

it('gives both shards different orders', () => {
  const orders = ['s1', 's2'].map((folder) =>
    slicesIn(folder)
      .map(({ arm, order }) => `${arm} ${order}`)
      .join(),
  );
  expect(orders[0]).not.toBe('');
  const labels = ['s1', 's2'].map((folder) => readJournalFile(join(root, folder, 'journal.jsonl')).header.runId);
  expect(labels).toEqual([expect.stringMatching(/-shard-1-of-2$/), expect.stringMatching(/-shard-2-of-2$/)]);
});

it('rebuilds the merged run from its journal alone, and judges the limits by it', async () => {
  writeFileSync(
    join(root, 'limits.json'),
    JSON.stringify({ thresholds: { 'jwt-hs256': ['cpu_ratio_to_baseline < 0.1'] } }),
  );
  const { code, stderr } = await cli('merge', 's1', 's2', '--out', 'judged', '--config', 'limits.json');
  expect([code, stderr]).toEqual([1, expect.stringMatching(/^broken: jwt-hs256 .*cpu_ratio_to_baseline < 0.1/)]);
  const before = readFileSync(join(root, 'judged', 'run.json'), 'utf8');
  rmSync(join(root, 'judged', 'run.json'));
  expect((await cli('report', 'judged')).code).toBe(0);
  expect(readFileSync(join(root, 'judged', 'run.json'), 'utf8')).toBe(before);
});

it('refuses an incomplete set of shards, reports all errors at once, and creates no folder', async () => {
  cpSync(join(root, 's2'), join(root, 'twice'), { recursive: true });
  cpSync(join(root, 's2'), join(root, 'foreign'), { recursive: true });
  const journal = join(root, 'foreign', 'journal.jsonl');
  writeFileSync(
    journal,
    readFileSync(journal, 'utf8').replace('"seed":5', '"seed":6').replace('"index":2', '"index":1'),
  );
  const { code, stderr } = await cli('merge', 's1', 's2', 'twice', 'foreign', '--out', 'refused');
  expect(code).toBe(2);
  expect(stderr).toMatch(/foreign \(shard 1\/2\) is of another run: its seed is 6, that of the others 5/);
  expect(stderr).toMatch(/shard 2\/2 was given 2 times: keep only one of s2, twice/);
  const lacking = await cli('merge', 's2', 'nowhere', '--out', 'refused', '--junit', 'no/such/folder.xml');
  expect(lacking.code).toBe(2);
  expect(lacking.stderr).toMatch(/nowhere: no run found/);
  expect(lacking.stderr).toMatch(/--junit/);
  expect((await cli('merge')).stderr).toMatch(/name the folders of the shards/);
  expect(existsSync(join(root, 'refused'))).toBe(false);
});

it('names a missing shard with the command that measures it, and merges the rest on request', async () => {
  const refused = await cli('merge', 's2', '--out', 'part');
  expect([refused.code, refused.stderr]).toEqual([
    2,
    expect.stringMatching(/shard 1 of 2 is missing: .*--shard 1\/2 --seed 5/),
  ]);
  const { code, stdout, stderr } = await cli('merge', 's2', '--out', 'part', '--allow-missing', '--json');
  expect([code, stderr]).toEqual([0, expect.stringMatching(/1 of 2 shards are merged.*Missing: 1\./s)]);
  const run = JSON.parse(stdout) as Run;
  expect([run.complete, run.flags.includes('shards-missing')]).toEqual([false, true]);
  expect(run.notes.join('\n')).toMatch(/intervals are wider/);
});

it('refuses impossible shard flags before anything starts', async () => {
  const { code, stderr } = await cli('bench', '--shard', '3/2', '--start-at', '2020-01-01T00:00:00Z', '--out', 'never');
  expect(code).toBe(2);
  expect(stderr).toMatch(/--shard: "3\/2" must be I\/N/);
  expect(stderr).toMatch(/--start-at: 2020-01-01T00:00:00Z is in the past/);
  expect(existsSync(join(root, 'never'))).toBe(false);
});
