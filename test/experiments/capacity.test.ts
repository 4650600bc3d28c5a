/** Objectives whose result does not depend on the load of the machine. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readRun } from '../../core/results/run-file.ts';
import { startBench } from '../support/bench-process.ts';

const root = mkdtempSync(join(tmpdir(), 'tollgate-test-hopeless-'));
const directory = join(root, 'run');
afterAll(() => rmSync(root, { recursive: true, force: true }));

it('says that no load meets an impossible objective', async () => {
  const flags = ['--arms', 'none', '--slo', 'p50<1us', '--budget', '5s', '--seed', '7', '--out', directory];
  const { code, stdout, stderr } = await startBench(['capacity', ...flags], {}, root).ended;
  expect(stderr).not.toContain('failed');
  expect(code).toBe(0);
  const { figures } = readRun(directory);
  const of = (metric: string) => figures.find((figure) => figure.metric === metric)?.value;
  expect(of('peak_rps')).toBeUndefined();
  expect(of('objective_met_pct')).toBe(0);
  expect(stdout).toContain('no load meets this objective');
});

it('refuses an objective with a clause that adds nothing before it starts anything', async () => {
  const { code, stderr } = await startBench(['capacity', '--slo', 'p50<9ms,p99<5ms'], {}, root).ended;
  expect(code).toBe(2);
  expect(stderr).toContain('p50 < 9 ms adds nothing to p99 < 5 ms');
});
