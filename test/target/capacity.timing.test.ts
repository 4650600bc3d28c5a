/** How much load a service carries: whether it recovers from too much, or has to be started again. */
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

/** The shop serves one request after the other, so with more than some hundreds per second its queue grows. */
async function capacityOf(fault: 'queues' | 'sinks') {
  const { value, env } = shopConfig({ kind: 'bearer', faults: [fault] }, root);
  // Its public request has no queue.
  const { public: _, ...requests } = value.requests as Record<string, object>;
  const file = join(root, `${fault}.json`);
  writeFileSync(file, JSON.stringify({ ...value, requests }));
  const directory = join(root, fault);
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
  return { stdout, arms, of: (metric: string) => figures.find((figure) => figure.metric === metric)?.value };
}

it('finds the load that a service carries, which serves as before once there is less', async () => {
  const { arms, of, stdout } = await capacityOf('queues');
  // Nothing of ours is measured with it.
  expect(arms.map(({ name }) => name)).toEqual(['shop']);
  expect(of('peak_rps')).toBeGreaterThan(100);
  // A millisecond each, at least.
  expect(of('peak_rps')).toBeLessThan(1_100);
  expect(of('recovered_pct')).toBe(100);
  expect(stdout).toContain('Load in req/s with p50 below 150 ms');
});

it('says that a service stays slow after too much load', async () => {
  const { of, stdout } = await capacityOf('sinks');
  expect(of('recovered_pct')).toBe(0);
  expect(stdout).toContain('did not recover');
});
