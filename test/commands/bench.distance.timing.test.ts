/** The delay is added to the time of a reply, so a reply must not take longer than the delay. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { Figure, Run, Slice } from '../../core/results/schema.ts';
import { descendants, journalLines, startBench, stillAlive, until } from '../support/bench-process.ts';

const root = mkdtempSync(join(tmpdir(), 'tollgate-test-distance-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const bench = (args: readonly string[]) => startBench(['bench', ...args, '--seed', '3'], {}, root);
const numbers = (figures: readonly Figure[], factor: string) =>
  [...new Set(figures.map(({ factors }) => Number(factors[factor])))].sort((a, b) => a - b);

it('measures Redis at a distance and filled, in one run that leaves nothing behind', async () => {
  const directory = join(root, 'both');
  const names = ['--experiments', 'distance,store', '--arms', 'jwt-hs256,jwt-denylist', '--store-sizes', '5000,20000'];
  const { child, ended } = bench([...names, '--budget', '4s', '--json', '--out', directory]);
  await until('a first slice was journalled', () => journalLines(directory, 'slice').length > 0);
  const below = descendants(child.pid ?? 0);
  const { code, stdout } = await ended;
  expect(code).toBe(0);
  expect(stillAlive(below)).toEqual([]);

  const { figures, experiments } = JSON.parse(stdout) as Run;
  expect(experiments.map(({ name, error }) => [name, error])).toEqual([
    ['distance', null],
    ['store', null],
  ]);
  const of = (metric: string, arm: string) => figures.filter((one) => one.metric === metric && one.arm === arm);
  const rtts = of('rtt_us', 'jwt-denylist');
  expect(numbers(rtts, 'rtt_ms')).toEqual([0, 0.2, 0.5, 1.5]);
  const delayed = (journalLines(directory, 'slice') as Slice[]).filter(
    ({ arm, factors }) => arm === 'jwt-denylist' && Number(factors.rtt_ms) > 0,
  );
  expect(delayed.length).toBeGreaterThan(0);
  // However close the calibration came to the requested delay, no reply arrives before its delay.
  const delays = delayed.map(({ measures }) => measures.proxy_delay_us ?? Number.NaN);
  for (const [i, { measures }] of delayed.entries()) expect(measures.rtt_us).toBeGreaterThanOrEqual(delays[i] ?? 0);
  expect(Math.max(...delays)).toBeGreaterThan(0);
  expect(of('rtt_us', 'jwt-hs256')).toEqual([]);
  expect(numbers(of('throughput_rps', 'jwt-hs256'), 'in_flight')).toEqual([1, 16]);
  const bytes = of('bytes_per_session', 'jwt-denylist');
  expect(bytes.every(({ factors }) => factors.kind === 'denylist')).toBe(true);
  expect(numbers(bytes, 'sessions')[0]).toBe(5000);
  const [used, keys] = [undefined, 'memory-usage'].map((method) => bytes.find((one) => one.factors.method === method));
  expect(used?.value).toBeGreaterThan(keys?.value ?? Number.POSITIVE_INFINITY);
});
