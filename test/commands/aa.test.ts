import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { Janitor } from '../../bench/processes/janitor.ts';
import { describeArms } from '../../bench/run/arms.ts';
import { versionHere } from '../../cli/version.ts';
import { thenEnding } from '../../core/errors.ts';
import { type AaResult, measureAa } from '../../regression/aa/aa.ts';
import type { AaFork, Rule } from '../../regression/aa/rates.ts';
import { makeEnvironment } from '../../regression/environment.ts';
import { machineClassHere } from '../../regression/machine-class.ts';
import { startBench } from '../support/bench-process.ts';
import { makeClone } from '../support/clone.ts';

const root = mkdtempSync(join(tmpdir(), 'tollgate-test-aa-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

it('detects a server that costs twice as much, and estimates the ratio correctly', async () => {
  const args = [
    'aa',
    '--comparisons',
    '1',
    '--seconds',
    '2s',
    '--slowdowns',
    '100',
    '--arm',
    'none',
    '--json',
    '--seed',
    '3',
  ];
  const { code, stdout } = await startBench(args, {}, root).ended;
  expect(code).toBe(0);
  const result = JSON.parse(stdout) as AaResult;
  expect(result.falseAlarms?.trials).toBe(1);
  const [detection] = result.detections;
  expect(detection?.trials).toBe(1);
  // A wide margin because the machine may be busy with other tests. The command itself shows that +5 % is detected.
  expect(detection?.ratios[0]?.value).toBeGreaterThan(1.3);
  expect(detection?.ratios[0]?.value).toBeLessThan(3);
});

const HERE = `${versionHere()} on Node ${process.version}`;
const kept = (count: number, arm = 'none'): AaFork[] =>
  Array.from({ length: count }, (_, i) => ({
    ...{ arm, machineClass: machineClassHere(), version: HERE, at: '2026-01-02T03:04:05.000Z' },
    seconds: 12,
    referenceUs: 50,
    logRatios: { '0': 0.001 * (i % 3), '5': 0.05 + 0.001 * (i % 3), '2': 0.02 + 0.001 * (i % 3) },
    gcLogRatios: {},
  }));

it('gives the rates so far if it is interrupted', async () => {
  const rule = (slowdownPct: number, seconds: number): Rule => ({ slowdownPct, seconds, marginPct: 2, target: null });
  const arm = (await describeArms()).find(({ name }) => name === 'none');
  if (arm === undefined) throw new Error('there is no such arm');
  const janitor = await Janitor.start();
  await thenEnding(
    async () => {
      const options = {
        comparisons: 20,
        rules: [rule(0, 60), rule(5, 60), rule(2, 180)],
        seed: 1,
        version: HERE,
        onFork: () => {},
      };
      const environment = await makeEnvironment(janitor);
      const signal = AbortSignal.abort(new Error('interrupted'));
      const result = await measureAa({ ...options, environment, arm, prior: kept(11), signal });
      expect(result.falseAlarms?.trials).toBe(1);
      expect(result.detections.map(({ slowdownPct, hits }) => [slowdownPct, hits])).toEqual([[5, 1]]);
      expect(result.unrated).toMatchObject([{ slowdownPct: 2, forks: 11, needed: 33 }]);
      await expect(measureAa({ ...options, environment, arm, prior: [], signal })).rejects.toThrow('interrupted');
    },
    () => janitor.finish(),
  );
});

it('starts no server if the file of fresh starts suffices, and says so', async () => {
  const file = join(root, 'kept.jsonl');
  writeFileSync(
    file,
    `${kept(33, 'session-redis-lean')
      .map((fork) => JSON.stringify(fork))
      .join('\n')}\n`,
  );
  // Without a Redis, no server of this arm can be started.
  const env = { PATH: mkdtempSync(join(root, 'empty-path-')), TOLLGATE_NO_INSTALL: '1' };
  const args = ['aa', '--compare', '--comparisons', '1', '--arm', 'session-redis-lean', '--keep', file];
  const { code, stdout, stderr } = await startBench([...args, '--rates', join(root, 'rates.json')], env, root).ended;
  expect(code).toBe(0);
  expect(stderr).toMatch(/The 33 fresh starts in .*kept\.jsonl suffice\./);
  expect(stdout).toMatch(/\+5 % detected +3 of 3/);
  // Dated by the fresh starts: nothing was measured today.
  const { classes } = JSON.parse(readFileSync(join(root, 'rates.json'), 'utf8'));
  expect(classes).toMatchObject([{ machineClass: machineClassHere(), at: '2026-01-02T03:04:05.000Z' }]);
});

it.each([
  [
    { machineClass: 'a faster machine' },
    /line 1 was measured on another class of machine: a faster machine \(and 2 more/,
  ],
  [{ version: '0.0.1 on Node v1.0.0' }, /line 1 was measured with another version: 0\.0\.1 on Node v1\.0\.0/],
  [{ arm: 'another' }, /line 1 is of another arm, another/],
])('uses no fresh starts of %j, and saves no rates', async (other, says) => {
  const folder = mkdtempSync(join(root, 'others-'));
  const file = join(folder, 'kept.jsonl');
  writeFileSync(
    file,
    `${kept(3)
      .map((fork) => JSON.stringify({ ...fork, ...other }))
      .join('\n')}\n`,
  );
  const args = ['aa', '--compare', '--comparisons', '1', '--arm', 'none', '--keep', file];
  const { code, stderr } = await startBench([...args, '--rates', join(folder, 'rates.json')], {}, root).ended;
  expect(code).toBe(2);
  expect(stderr).toMatch(says);
  expect(existsSync(join(folder, 'rates.json'))).toBe(false);
});

it('continues from the fresh starts that it has, and takes only those that are missing', async () => {
  const file = join(root, 'begun.jsonl');
  // Each lasts so long that four of them, the fewest, make a comparison.
  const forks = kept(3).map((fork) => ({ ...fork, seconds: 40, logRatios: { '0': 0.001, '100': 0.7 } }));
  writeFileSync(file, `${forks.map((fork) => JSON.stringify(fork)).join('\n')}\n`);
  const args = ['aa', '--comparisons', '1', '--seconds', '2s', '--slowdowns', '100', '--arm', 'none', '--json'];
  const { code, stdout } = await startBench([...args, '--keep', file], {}, root).ended;
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ forks: 4, falseAlarms: { trials: 1 }, detections: [{ trials: 1 }] });
  expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(4);
});

it('does not measure an arm that fails a security check', async () => {
  const clone = makeClone();
  try {
    const signature = 'if (!signer.matches(token.slice(0, end), token.slice(end + 1))) return null;';
    clone.patch('servers/schemes/own-token.ts', signature, '');
    const { code, stderr } = await startBench(['aa', '--arm', 'jwt-hs256-lean'], {}, clone.directory, clone.cli).ended;
    expect(stderr).toMatch(/jwt-hs256-lean fails security check 5 \(refuses an altered payload\)/);
    expect(code).toBe(1);
  } finally {
    clone.remove();
  }
});

it('reports all invalid flags', async () => {
  const { code, stderr } = await startBench(
    ['aa', '--comparisons', '0', '--slowdowns', '5,x', '--arm', 'nnoe'],
    {},
    root,
  ).ended;
  expect(code).toBe(2);
  expect(stderr).toMatch(/--comparisons[\s\S]*--slowdowns[\s\S]*did you mean none\?/);
});
