/** An objective that a certain load misses; other work on the machine would also make it miss. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readRun } from '../../core/results/run-file.ts';
import { startBench } from '../support/bench-process.ts';

const root = mkdtempSync(join(tmpdir(), 'tollgate-test-capacity-'));
const directory = join(root, 'run');
afterAll(() => rmSync(root, { recursive: true, force: true }));

it('finds the highest load that meets an objective', async () => {
  const flags = ['--arms', 'none', '--slo', 'p50<100ms', '--budget', '10s', '--seed', '7', '--out', directory];
  const { code, stdout, stderr } = await startBench(['capacity', ...flags], {}, root).ended;
  expect(stderr).not.toContain('failed');
  expect(code).toBe(0);
  const { figures } = readRun(directory);
  const of = (metric: string) => figures.find((figure) => figure.metric === metric)?.value;
  // Beyond the capacity, requests wait longer than that on any machine.
  const [peak = 0, saturated = 0] = [of('peak_rps'), of('throughput_rps')];
  expect(peak).toBeGreaterThan(0);
  // The search ends at eight times the throughput of a closed loop.
  expect(peak).toBeLessThanOrEqual(8 * saturated);
  expect(of('recovered_pct')).toBe(100);
  expect(of('recommended_rps')).toBeCloseTo(0.8 * peak, 6);
  expect(stdout).toContain('Load in req/s with p50 below 100 ms');
  expect(stdout).toContain('what broke first was');
});
