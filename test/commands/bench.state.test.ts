import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { Run, Slice } from '../../core/results/schema.ts';
import { descendants, journalLines, startBench, stillAlive, until } from '../support/bench-process.ts';

const root = mkdtempSync(join(tmpdir(), 'tollgate-test-state-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const bench = (args: readonly string[]) => startBench(['bench', ...args, '--seed', '3'], {}, root);
const sum = (slices: readonly Slice[], of: 'requests' | 'unexpected') =>
  slices.reduce((total, slice) => total + slice[of], 0);

it('spreads requests over an arm that needs sticky routing, counts the refusals, and runs wrk where possible', async () => {
  const directory = join(root, 'spread');
  const arms = ['--arms', 'none,session-memory', '--engine', 'wrk'];
  // Too little on any machine: every fleet is measured all the same.
  const names = ['--experiments', 'scale', ...arms, '--replicas', '1,2', '--budget', '1s'];
  const { code, stdout } = await bench([...names, '--json', '--out', directory]).ended;
  expect(code).toBe(0);
  const { figures } = JSON.parse(stdout) as Run;
  const refused = (replicas: number, spreading?: string) =>
    figures.find(
      ({ metric, factors }) =>
        metric === 'refused_pct' && factors.replicas === replicas && factors.spreading === spreading,
    )?.value;
  expect([refused(1), refused(1, 'request'), refused(2, 'sticky')]).toEqual([0, 0, 0]);
  expect(refused(2)).toBeGreaterThan(0);
  const split = (journalLines(directory, 'slice') as Slice[]).filter(
    ({ factors }) => factors.replicas === 2 && factors.spreading === 'request',
  );
  const [requests, unexpected] = [sum(split, 'requests'), sum(split, 'unexpected')];
  expect(requests).toBeGreaterThan(0);
  // One of two replicas knows a user, and each connection alternates between them: it may be one answer ahead at either.
  for (const { measures, ...slice } of split) {
    expect(Math.abs(slice.requests - 2 * slice.unexpected)).toBeLessThanOrEqual(measures.connections ?? 0);
  }
  expect(refused(2, 'request')).toBeCloseTo((100 * unexpected) / requests, 9);
  // Outside `spread`, an arm that needs sticky routing would show refusals.
  const engines = (journalLines(directory, 'slice') as Slice[]).filter(({ factors }) => factors.engine !== undefined);
  expect(sum(engines, 'unexpected')).toBe(0);
  const ratios = figures.filter(({ metric }) => metric === 'throughput_ratio_to_engine');
  expect(ratios).toMatchObject([{ arm: 'none', factors: { replicas: 2, engine: 'wrk' } }]);
  expect(ratios[0]?.blocks).toBeGreaterThanOrEqual(3);
});

it('runs on a Redis Cluster on request, and stops its nodes', async () => {
  const directory = join(root, 'cluster');
  const names = ['--experiments', 'toll', '--arms', 'none,session-redis', '--redis', 'cluster', '--budget', '2s'];
  const { child, ended } = bench([...names, '--json', '--out', directory]);
  await until('a first slice was journalled', () => journalLines(directory, 'slice').length > 0);
  const below = descendants(child.pid ?? 0);
  const { code, stdout } = await ended;
  expect(code).toBe(0);
  const nodes = below.filter(({ command }) => command.includes('redis-server') && command.includes('[cluster]'));
  expect(nodes).toHaveLength(3);
  expect(stillAlive(below)).toEqual([]);
  const { figures, config } = JSON.parse(stdout) as Run;
  expect(config.redis).toBe('cluster');
  const commands = figures.find((one) => one.metric === 'redis_commands_per_request' && one.arm === 'session-redis');
  expect(commands?.value).toBe(1);
});

it('can be interrupted while it fills Redis, and keeps its measurements', async () => {
  const directory = join(root, 'stopped');
  const names = ['--experiments', 'store', '--arms', 'jwt-denylist', '--store-sizes', '1000,5e6', '--budget', '10m'];
  const { child, ended } = bench([...names, '--out', directory]);
  const isFilled = () => journalLines(directory, 'slice').some(({ mode }) => mode === 'lookup');
  await until('the first size was measured', isFilled);
  const below = descendants(child.pid ?? 0);
  child.kill('SIGINT');
  expect((await ended).code).toBe(130);
  expect(stillAlive(below)).toEqual([]);
  expect(journalLines(directory, 'experiment-ended')).toMatchObject([{ stoppedBy: 'interrupted', error: null }]);
});
