import { Check } from 'typebox/value';
import { expect, test } from 'vitest';
import { GATE_SCHEMA_VERSION, type GateResult } from '../../core/results/gate-schema.ts';
import { Run } from '../../core/results/schema.ts';
import { THIN } from '../../core/text/format.ts';
import { figure } from '../testing/figure.ts';
import { sampleRun } from '../testing/sample-run.ts';
import { buildView } from './view.ts';

test('the sample is a valid run', () => {
  expect(Check(Run, sampleRun())).toBe(true);
});

test('the headline is made from the figures', () => {
  expect(buildView(sampleRun()).headline).toEqual([
    `The cheapest way to authenticate a request on this machine is jwt-hs256-cached: 41.2${THIN}µs [40.8–41.6] of CPU time in the server process, 1.24× [1.23–1.26] the baseline. The baseline, without authentication, takes 33.1${THIN}µs [32.8–33.4].`,
    `Including the CPU time of Redis, the cheapest session (session-redis-lean) takes 61.9${THIN}µs [61.3–62.5] per request and the cheapest token (jwt-hs256-cached) 41.2${THIN}µs [40.8–41.6]: a factor of 1.50.`,
    `With 4 replicas (server processes), jwt-hs256 (22,500${THIN}req/s [22,000–23,100]) has the highest throughput; session-redis (12,800${THIN}req/s [12,500–13,100]) has the lowest throughput.`,
  ]);
});

test('the headline names what is indistinguishable from the cheapest', () => {
  const figures = [
    figure('none', 'cpu_us_per_request', 33),
    figure('jwt-hs256', 'cpu_us_per_request', 54.8),
    figure('session-redis-lean', 'cpu_us_per_request', 55.1),
    figure('jwt-rs256', 'cpu_us_per_request', 84.7),
  ];
  const { headline } = buildView({ ...sampleRun(), figures });
  expect(headline[1]).toBe('Statistically indistinguishable from it: session-redis-lean.');
});

test('families that overlap are not ranked', () => {
  const figures = [
    figure('jwt-hs256', 'total_cpu_us_per_request', 60),
    figure('session-redis', 'total_cpu_us_per_request', 60.5),
  ];
  const [sentence] = buildView({ ...sampleRun(), figures }).headline;
  expect(sentence).toContain('do not show which is cheaper');
  expect(sentence).not.toContain('factor');
});

test('arms stand cheapest first, without the A/A copy', () => {
  const names = buildView(sampleRun()).decisions.map(({ arm }) => arm.name);
  expect(names.slice(0, 3)).toEqual(['none', 'jwt-hs256-cached', 'jwt-hs256']);
  expect(names).not.toContain('none-aa');
});

test('the A/A check passes when its interval contains 1', () => {
  const { aa, warnings } = buildView(sampleRun());
  expect(aa?.holds).toBe(true);
  expect(aa?.sentence).toContain('1.00× [0.99–1.01]');
  expect(warnings).toEqual([]);
});

test('an A/A check that misses 1 becomes a warning', () => {
  const { aa, warnings } = buildView({
    ...sampleRun(),
    figures: [figure('none-aa', 'cpu_ratio_to_baseline', 1.08)],
  });
  expect(aa?.holds).toBe(false);
  expect(warnings).toEqual([aa?.sentence]);
});

test('all that is wrong with a run is in its warnings', () => {
  const run = sampleRun();
  const { warnings } = buildView({
    ...run,
    interrupted: true,
    complete: false,
    damagedLines: [{ line: 7, reason: 'not JSON' }],
    experiments: run.experiments.map((experiment) =>
      experiment.name === 'scale'
        ? { ...experiment, stoppedBy: 'failed', error: 'a replica did not start', unexpected: 12 }
        : experiment,
    ),
  });
  expect(warnings).toEqual([
    'The run was interrupted: its figures come from what had been measured by then.',
    'Experiment scale failed: a replica did not start',
    'Experiment scale: 12 of 180400 responses were not as the contract requires.',
    'Some lines of the journal could not be read and were left out: line 7 (not JSON).',
  ]);
});

test('an arm that only figures name still gets a line and a colour', () => {
  const { arms } = buildView({ ...sampleRun(), figures: [figure('my-service', 'cpu_us_per_request', 40)] });
  expect(arms.find(({ name }) => name === 'my-service')?.colour).toMatch(/^#[0-9a-f]{6}$/);
});

test('a seed that the command does not name is in the hint', () => {
  expect(buildView(sampleRun()).reproduceHint).toBeNull();
  const run = { ...sampleRun(), commandLine: 'npm run bench' };
  expect(buildView(run).reproduceHint).toContain('--seed 7');
});

test('flags are lettered in a fixed order and counted', () => {
  expect(buildView(sampleRun()).flags.map(({ letter, name, figures }) => [letter, name, figures])).toEqual([
    ['a', 'generator-saturated', 12],
    ['b', 'rate-missed', 24],
    ['c', 'interval-wide', 3],
    ['d', 'one-fork', 36],
  ]);
});

test('an arm that failed a security check is named, and ranks nowhere, however cheap it is', () => {
  const run = sampleRun();
  const cheap = run.figures.map((figure) =>
    figure.arm === 'jwt-hs256-cached' ? { ...figure, flags: ['gate-failed' as const, ...figure.flags] } : figure,
  );
  expect(buildView(run).headline.join(' ')).toContain('jwt-hs256-cached');
  const outcomes = [{ check: 1, verdict: 'fail' as const, detail: 'alg none was accepted', durationMs: 1 }];
  const gate: GateResult = {
    schemaVersion: GATE_SCHEMA_VERSION,
    startedAt: run.startedAt,
    durationMs: 1,
    quick: true,
    checks: [],
    arms: [{ arm: 'jwt-hs256-cached', title: 'JWT', outcomes }],
  };
  const view = buildView({ ...run, figures: cheap }, gate);
  expect(view.headline.join(' ')).not.toMatch(/jwt-hs256-cached/);
  expect(view.warnings).toContain(
    'Failed security checks: jwt-hs256-cached. An arm that breaks its promises is not ranked.',
  );
});
