/** The load that a service carries, and one that stays slow after an overload. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readRun } from '../../core/results/run-file.ts';
import { startBench } from '../support/bench-process.ts';
import { shopConfig } from '../support/shop.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'tollgate-test-target-capacity-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

it('finds the load that a service carries, and reports that it does not recover from overload', async () => {
  // It handles one request after the other, so its queue grows above some hundreds per second.
  const { value, env } = shopConfig({ kind: 'bearer', faults: ['sinks'] }, root);
  // Its public request has no queue.
  const { public: _, ...requests } = value.requests as Record<string, object>;
  const file = join(root, 'service.json');
  writeFileSync(file, JSON.stringify({ ...value, requests }));
  const directory = join(root, 'run');
  const flags = [
    '--experiments',
    'capacity',
    '--slo',
    'p50<150ms',
    '--budget',
    '5s',
    '--seed',
    '7',
    '--out',
    directory,
  ];
  const { code, stdout, stderr } = await startBench(['target', file, ...flags], env, root).ended;
  expect(code, stderr).toBe(0);
  const { arms, figures } = readRun(directory);
  const of = (metric: string) => figures.find((figure) => figure.metric === metric)?.value;
  // No arm of ours is measured with it.
  expect(arms.map(({ name }) => name)).toEqual(['shop']);
  expect(of('peak_rps')).toBeGreaterThan(100);
  // At 1 ms or more each, it handles at most a thousand; the search goes up in doublings.
  expect(of('peak_rps')).toBeLessThan(2_000);
  expect(of('recovered_pct')).toBe(0);
  expect(stdout).toContain('Load in req/s with p50 below 150 ms');
  expect(stdout).toContain('did not recover');
});
