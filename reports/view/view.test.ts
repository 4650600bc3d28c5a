import { Check } from 'typebox/value';
import { expect, test } from 'vitest';
import { GATE_SCHEMA_VERSION, type GateResult } from '../../core/results/gate-schema.ts';
import { Run } from '../../core/results/schema.ts';
import { THIN } from '../../core/text/format.ts';
import { figure } from '../testing/figure.ts';
import { sampleRun } from '../testing/sample-run.ts';
import { buildView } from './view.ts';

const textsOf = (run: Run) => buildView(run).headline.map(({ text }) => text);

test('the sample is a valid run', () => {
  expect(Check(Run, sampleRun())).toBe(true);
});

test('the headline is generated from the figures', () => {
  expect(textsOf(sampleRun())).toEqual([
    `On this machine, session-redis takes 1.89× [1.87–1.90] the CPU time of jwt-hs256 per request, Redis included: 103${THIN}µs [102–104] against 54.8${THIN}µs [54.3–55.3] (95 % interval, 3 fresh starts).`,
    `After revocation, session-redis ends at once (within 14${THIN}ms) and jwt-hs256 stays valid until it expires: up to 14${THIN}min in this run, 15${THIN}min at most.`,
    `The cheapest arm is jwt-hs256-cached: 41.2${THIN}µs [40.8–41.6] of CPU time per request, Redis included, 1.24× [1.23–1.26] the baseline. The baseline, without authentication, takes 33.1${THIN}µs [32.8–33.4].`,
    'The session and the token with the lowest estimates: session-redis-lean takes 1.50× [1.49–1.52] the CPU time of jwt-hs256-cached per request, Redis included.',
    `With 4 replicas (server processes), the estimates go from session-redis (12,800${THIN}req/s [12,500–13,100]) to jwt-hs256 (22,500${THIN}req/s [22,000–23,100]): not compared in pairs, so no order is given.`,
  ]);
});

const pair = (arm: string, against: string, value: number, spread: number) =>
  figure(arm, 'total_cpu_ratio_to_arm', value, { factors: { against }, spread });

test('two arms with overlapping absolute intervals can differ by their pairs', () => {
  const figures = [
    figure('jwt-hs256', 'total_cpu_us_per_request', 39, { spread: 0.2 }),
    figure('session-redis', 'total_cpu_us_per_request', 60, { spread: 0.3 }),
    pair('session-redis', 'jwt-hs256', 1.5, 0.02),
  ];
  const [sentence] = textsOf({ ...sampleRun(), figures });
  expect(sentence).toContain('session-redis takes 1.50× [1.47–1.53] the CPU time');
});

test('the headline names arms without a difference from the lowest estimate, with the ratio', () => {
  const figures = [pair('jwt-hs256', 'session-redis', 0.97, 0.05), pair('jwt-rs256', 'jwt-hs256', 1.6, 0.02)];
  const texts = textsOf({ ...sampleRun(), figures });
  expect(texts[0]).toContain(
    'no difference found between session-redis and jwt-hs256 in CPU time per request, Redis included: 1.03× [0.98–1.09]',
  );
  expect(texts).toContain('No difference was found between jwt-hs256 and session-redis (0.97× [0.92–1.02]).');
});

test('arms without paired comparisons are not ordered, however far apart they are', () => {
  const figures = [
    figure('jwt-hs256', 'total_cpu_us_per_request', 60),
    figure('session-redis', 'total_cpu_us_per_request', 160),
  ];
  const texts = textsOf({ ...sampleRun(), figures }).join(' ');
  expect(texts).toContain('not compared in pairs, so no order is given');
  expect(texts).not.toMatch(/cheapest|factor|takes [\d.]+×/);
});

test('older results, which compared without Redis, say so', () => {
  const figures = [
    figure('session-redis', 'cpu_ratio_to_arm', 1.5, { factors: { against: 'jwt-hs256' }, spread: 0.02 }),
  ];
  expect(textsOf({ ...sampleRun(), figures })[0]).toContain(
    'of jwt-hs256 per request in the server process, without Redis',
  );
});

test('one sample shows no order', () => {
  const lone = { ...pair('session-redis', 'jwt-hs256', 1.5, 0), blocks: 1, forks: 1 };
  const view = buildView({ ...sampleRun(), figures: [lone] });
  expect(view.headline[0]?.text).toContain('1.50× (one sample)');
  expect(view.headline[0]?.text).toContain('which shows no order');
  expect(view.ranking?.arms.map(({ rank }) => rank)).toEqual([1, 1]);
});

test('a sentence and a total inherit the flags of their parts', () => {
  const figures = [
    { ...pair('session-redis', 'jwt-hs256', 1.5, 0.02), flags: ['interval-wide' as const] },
    figure('jwt-hs256', 'total_cpu_us_per_request', 40),
    figure('jwt-hs256', 'cpu_us_per_request', 40, { flags: ['machine-drift'] }),
    figure('jwt-hs256', 'redis_cpu_us_per_request', 0, { flags: ['redis-shared'] }),
  ];
  const view = buildView({ ...sampleRun(), figures });
  expect(view.headline[0]?.figures.flatMap(({ flags }) => flags)).toEqual(['interval-wide']);
  expect(view.decisions.find(({ arm }) => arm.name === 'jwt-hs256')?.total?.flags).toEqual([
    'machine-drift',
    'redis-shared',
  ]);
  expect(
    view.headline.find(({ text }) => text.startsWith('The cheapest'))?.figures.flatMap(({ flags }) => flags),
  ).toEqual(['machine-drift', 'redis-shared']);
});

test('arms are sorted cheapest first, without the A/A copy', () => {
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

test('an A/A check with one sample says that it shows nothing', () => {
  const lone = { ...figure('none-aa', 'cpu_ratio_to_baseline', 1.003, { spread: 0 }), blocks: 1, forks: 1 };
  const { aa, warnings } = buildView({ ...sampleRun(), figures: [lone] });
  expect(aa?.sentence).toMatch(/one sample, which is no check/);
  expect(warnings).toEqual([aa?.sentence]);
});

test('everything that is wrong with a run is in its warnings', () => {
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
    'The run was interrupted: its figures are based on the measurements up to that point.',
    'Experiment scale failed: a replica did not start',
    'Experiment scale: 12 of 180,400 responses were not as the contract requires.',
    'Some lines of the journal could not be read and were skipped: line 7 (not JSON).',
  ]);
});

test('an arm named only by figures still gets a line and a colour', () => {
  const { arms } = buildView({ ...sampleRun(), figures: [figure('my-service', 'cpu_us_per_request', 40)] });
  expect(arms.find(({ name }) => name === 'my-service')?.colour).toMatch(/^#[0-9a-f]{6}$/);
});

test('a seed that is not in the command is in the hint', () => {
  expect(buildView(sampleRun()).reproduceHint).toBeNull();
  const run = { ...sampleRun(), commandLine: 'npm run bench' };
  expect(buildView(run).reproduceHint).toContain('--seed 7');
});

test('flags are lettered in a fixed order and counted', () => {
  expect(buildView(sampleRun()).flags.map(({ letter, name, figures }) => [letter, name, figures])).toEqual([
    ['b', 'generator-saturated', 12],
    ['f', 'rate-missed', 24],
    ['h', 'interval-wide', 4],
    ['r', 'one-fork', 36],
  ]);
});

test('an arm that failed a security check is named but not ranked, however cheap it is', () => {
  const run = sampleRun();
  const cheap = run.figures.map((figure) =>
    figure.arm === 'jwt-hs256-cached' ? { ...figure, flags: ['gate-failed' as const, ...figure.flags] } : figure,
  );
  expect(textsOf(run).join(' ')).toContain('jwt-hs256-cached');
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
  expect(view.headline.map(({ text }) => text).join(' ')).not.toMatch(/jwt-hs256-cached/);
  expect(view.warnings).toContain(
    'Failed security checks: jwt-hs256-cached. An arm that breaks its promises is not ranked.',
  );
});

test('throughput is ordered by the pairs of the largest fleet only', () => {
  const rate = (arm: string, replicas: number, value: number) =>
    figure(arm, 'throughput_rps', value, { experiment: 'scale', factors: { replicas }, spread: 0.3 });
  const ratio = (replicas: number, value: number) =>
    figure('jwt-hs256', 'throughput_ratio_to_arm', value, {
      experiment: 'scale',
      factors: { replicas, against: 'session-redis' },
      spread: 0.02,
    });
  const rates = [1, 4].flatMap((n) => [rate('jwt-hs256', n, 2_000 * n), rate('session-redis', n, 1_600 * n)]);
  const said = (figures: Run['figures']) => textsOf({ ...sampleRun(), figures }).join(' ');
  expect(said([...rates, ratio(4, 1.25)])).toMatch(
    /With 4 replicas \(server processes\), jwt-hs256 \(8,000.* has the highest throughput; session-redis \(6,400.* has the lowest/,
  );
  expect(said([...rates, ratio(4, 1.01)])).toContain('no difference found between');
  expect(said([...rates, ratio(1, 1.25)])).toContain('not compared in pairs');
});
