import { expect, it } from 'vitest';
import { askingShare, costOf } from './cost.ts';
import { evidenceOf } from './from-run.ts';
import { carries } from './inverse.ts';
import { DEFAULT_NEEDS, type Needs } from './needs.ts';
import { reasonsFor } from './rules.ts';
import { SECONDS_A_MONTH, sizeOf } from './sizing.ts';
import { type KnownArm, knownRun } from './testing/known-run.ts';

const RUN = evidenceOf(knownRun());
const PRICES = { replica: 30, redisNode: 200, gigabyte: 0.1 };

function armOf(name: KnownArm, run = RUN) {
  const arm = run.arms.find((one) => one.name === name);
  const cost = arm === undefined ? null : costOf(arm, run);
  if (arm === undefined || cost === null) throw new Error(`${name} is not in the run`);
  return { arm, cost };
}

function size(name: KnownArm, needs: Partial<Needs>) {
  const { arm, cost } = armOf(name);
  return sizeOf(arm, cost, { ...DEFAULT_NEEDS, ...needs });
}

it('sizes replicas for the CPU time of the load: 40,000 × 36 µs / 0.7 = 2.06, so 3', () => {
  const { cores, replicas, redisNodes, wireBytesPerSecond } = size('jwt-hs256', { requestsPerSecond: 40_000 });
  expect(cores.value).toBeCloseTo(2.057, 3);
  expect([cores.low, cores.high]).toEqual(
    [cores.value * 0.99, cores.value * 1.01].map((end) => expect.closeTo(end, 9)),
  );
  expect(replicas).toEqual({ value: 3, low: 3, high: 3 });
  expect(redisNodes.value).toBe(0);
  expect(wireBytesPerSecond?.value).toBe(40_000 * (400 + 250));
});

it('shards Redis by CPU time or by memory, whichever needs more', () => {
  // 1e6 × 7 µs / 0.7 = 10 processes; 1e9 sessions of 600 B are 600 GB, and a process holds 16.
  expect(size('session-redis', { requestsPerSecond: 1e6, users: 1e6 }).redisNodes).toEqual({
    value: 10,
    low: 10,
    high: 11,
  });
  expect(size('session-redis', { requestsPerSecond: 1000, users: 1e9 }).redisNodes.value).toBe(38);
  expect(size('session-redis', { users: 2e6 }).redisBytes?.value).toBe(1.2e9);
});

it('counts the requests that a cache no longer covers, for users who seldom return', () => {
  // A copy of one second: users who send λ requests a second to a replica miss 1 in 1 + λ, of which one in ten was measured.
  const { arm, cost } = armOf('session-cached');
  const share = (users: number, requestsPerSecond: number, criticalShare = 0) =>
    askingShare(arm, cost, { ...DEFAULT_NEEDS, users, requestsPerSecond, criticalShare });
  expect(share(100, 1000)).toBeCloseTo(0, 9);
  expect(share(1000, 1000)).toBeCloseTo(1 / 2 - 0.1, 9);
  expect(share(1e6, 1000)).toBeCloseTo(1 / 1.001 - 0.1, 9);
  expect(share(1000, 1000, 0.5)).toBeCloseTo(0.5 + 0.5 / 2 - 0.1, 9);
  // 1e5 requests a second keep four replicas busy, and each of them sees a quarter of a user's requests.
  expect(share(1e5, 1e5)).toBeCloseTo(1 / 1.25 - 0.1, 9);
  // The same users cost more if they return less often; an arm without copies asks for critical operations alone.
  expect(size('session-cached', { users: 1e7, requestsPerSecond: 1e6, criticalShare: 0 }).cores.value).toBeGreaterThan(
    1.4 * size('session-cached', { users: 1e4, requestsPerSecond: 1e6, criticalShare: 0 }).cores.value,
  );
  const plain = armOf('session-redis');
  expect(askingShare(plain.arm, plain.cost, { ...DEFAULT_NEEDS, criticalShare: 0.2 })).toBe(0.2);
  // Nine of ten requests wait for Redis, so the p99 includes the round trip.
  const far = { users: 1e6, requestsPerSecond: 1000, criticalShare: 0 };
  const wait = (rttMs: number) => size('session-cached', { ...far, rttMs }).p99Ms.value;
  expect(wait(20) - wait(0)).toBeCloseTo(20, 1);
});

it('treats a copy in the client’s cookie as valid at every replica', () => {
  const { arm, cost } = armOf('session-cached');
  const needs = { ...DEFAULT_NEEDS, users: 1e5, requestsPerSecond: 1e5, criticalShare: 0 };
  const share = (more: Partial<typeof arm>) => askingShare({ ...arm, ...more }, cost, needs);
  // One request a second of each user, over four replicas; a client's copy is replaced after four fifths of its second.
  expect(share({})).toBeCloseTo(1 / 1.25 - 0.1, 9);
  expect(share({ copiesIn: 'client' })).toBeCloseTo(1 / 1.8 - 0.1, 9);
  expect(share({ copiesIn: 'edge' })).toBeCloseTo(1 / 1.25 - 0.1, 9);
  expect(share({ copiesIn: null })).toBe(0);
});

it('counts the authorization server of an arm, and the Redis behind it', () => {
  const run = evidenceOf(knownRun({ arms: ['none', 'opaque-introspection'] }));
  const { arm, cost } = armOf('opaque-introspection', run);
  const needs = { ...DEFAULT_NEEDS, clients: ['api'] as const, requestsPerSecond: 20_000, prices: PRICES };
  const { replicas, companions, redisNodes, redisBytes, money, p99Ms } = sizeOf(arm, cost, needs);
  // 20,000 × 70 µs and × 90 µs, at 70 %: 2.0 and 2.57.
  expect([replicas.value, companions.value, redisNodes.value]).toEqual([2, 3, 1]);
  expect(redisBytes?.value).toBe(1e5 * 300);
  const gigabytes = (20_000 * (120 + 250) * SECONDS_A_MONTH) / 1e9;
  expect(money?.value).toBeCloseTo(5 * 30 + 200 + gigabytes * 0.1, 6);
  expect(Number.isFinite(p99Ms.value)).toBe(true);
  expect(p99Ms.value).toBeGreaterThan((0.09 / (1 - (20_000 * 90e-6) / 3)) * Math.log(100));
  expect(size('jwt-hs256', {}).companions.value).toBe(0);
});

it('counts the tokens that a cache no longer has, and the further lookups at the authorization server', () => {
  const arms = ['none', 'opaque-introspection', 'opaque-introspection-cached'] as const;
  const { arm, cost } = armOf('opaque-introspection-cached', evidenceOf(knownRun({ arms })));
  const needs = {
    ...DEFAULT_NEEDS,
    clients: ['api'] as const,
    users: 1e6,
    criticalShare: 0,
    requestsPerSecond: 20_000,
  };
  // 20,000 × 28 µs at 70 % keep one replica busy; 2 µs of the 90 µs for each answer were measured.
  const missed = 1 / (1 + 0.02 * 10) - 2 / 90;
  expect(askingShare(arm, cost, needs)).toBeCloseTo(missed, 9);
  // 20,000 × (2 + 0.811 · 90) µs at 70 %: 2.14.
  expect(sizeOf(arm, cost, needs).companions.value).toBe(3);
  // Without an arm that always asks, the cost of asking is unknown.
  const alone = armOf('opaque-introspection-cached', evidenceOf(knownRun({ arms: ['none', arms[2]] })));
  expect(sizeOf(alone.arm, alone.cost, needs).companions.value).toBe(1);
});

it('sizes a denylist between empty and one entry for each user', () => {
  expect(size('jwt-denylist', { users: 1e6 }).redisBytes).toEqual({ value: 0, low: 0, high: 150e6 });
  expect(size('dual', { users: 1e6 }).redisBytes).toEqual({ value: 600e6, low: 600e6, high: 750e6 });
});

it('models the 99th percentile as M/M/1 at the load of each replica, with round trips on top', () => {
  const alone = size('jwt-hs256', { requestsPerSecond: 40_000 });
  expect(alone.p99From).toBe('queue');
  expect(alone.p99Ms.value).toBeCloseTo((0.036 / (1 - (40_000 * 36e-6) / 3)) * Math.log(100), 4);
  const near = size('session-redis', { rttMs: 0 });
  const far = size('session-redis', { rttMs: 5 });
  expect(far.p99Ms.value - near.p99Ms.value).toBeCloseTo(5, 6);
  const twice =
    size('session-redis-rolling', { rttMs: 5 }).p99Ms.value - size('session-redis-rolling', { rttMs: 0 }).p99Ms.value;
  expect(twice).toBeCloseTo(10, 6);
});

it('adds the round trip of a critical operation to those requests alone', () => {
  const none = size('hybrid', { rttMs: 50, criticalShare: 0 });
  const few = size('hybrid', { rttMs: 50, criticalShare: 0.005 });
  const many = size('hybrid', { rttMs: 50, criticalShare: 0.05 });
  expect(none.p99Ms.value).toBeLessThan(1);
  expect(few.p99Ms.value).toBeLessThan(1);
  expect(many.p99Ms.value).toBeGreaterThan(50);
});

it('adds up costs: whole replicas, whole Redis processes, traffic of a month', () => {
  const { money } = size('session-redis', { requestsPerSecond: 40_000, prices: PRICES });
  const gigabytes = (40_000 * (160 + 250) * (365.25 * 86_400)) / 12 / 1e9;
  expect(money?.value).toBeCloseTo(4 * 30 + 1 * 200 + gigabytes * 0.1, 6);
  expect(size('session-redis', {}).money).toBeNull();
});

it('does not charge for an idle Redis', () => {
  const run = knownRun();
  const figures = run.figures.map((figure) =>
    figure.metric === 'redis_cpu_us_per_request' && figure.arm === 'hybrid'
      ? { ...figure, value: 1.6, low: 1.2, high: 2 }
      : figure,
  );
  expect(armOf('hybrid', evidenceOf({ ...run, figures })).cost.redisUs.value).toBe(0);
});

it('counts tokens that a replica has forgotten as verified again, if both costs were measured', () => {
  const run = knownRun();
  const remembers = { tokens: 10_000, forMs: 600_000 };
  const arms = run.arms.map((arm) => (arm.name === 'jwt-hs256-cached' ? { ...arm, remembers } : arm));
  const evidence = evidenceOf({ ...run, arms });
  const { arm, cost } = armOf('jwt-hs256-cached', evidence);
  const needs = { ...DEFAULT_NEEDS, requestsPerSecond: 10_000, criticalShare: 0 };
  const coresFor = (users: number) => sizeOf(arm, cost, { ...needs, users }).cores;
  const cores = (us: number) => (10_000 * us * 1e-6) / needs.utilisation;
  // One user in ten is in the cache: a tenth of 25 µs, and nine tenths of 36.
  const most = coresFor(100_000);
  expect(most.value).toBeCloseTo(cores(0.1 * 25 + 0.9 * 36), 9);
  expect([most.low, most.high]).toEqual([0.99, 1.01].map((by) => expect.closeTo(by * most.value, 9)));
  // Two users a second each: each token is remembered for ten minutes, and verified once in 1 + 2,000 × 600 / 1,000 requests.
  expect(coresFor(5_000).value).toBeCloseTo(cores(25 + 11 / (1 + 2 * 600)), 9);
  expect(reasonsFor(arm, { ...needs, users: 100_000 }).find(({ rule }) => rule === 'cache')).toMatchObject({
    ...{ verdict: 'meets', text: expect.stringContaining('10,000 verified tokens of 100,000') },
  });
  expect(sizeOf(arm, cost, needs).figures.map((figure) => figure.arm)).toContain('jwt-hs256');
});

it('gives a caution for a cache of tokens if the run lacks the cost of verifying or the cache’s size', () => {
  const alone = knownRun({ arms: ['none', 'jwt-hs256-cached'] });
  const remembers = { tokens: 10_000, forMs: 600_000 };
  const arms = alone.arms.map((arm) => ({ ...arm, remembers }));
  for (const run of [{ ...alone, arms }, knownRun()]) {
    const { arm, cost } = armOf('jwt-hs256-cached', evidenceOf(run));
    expect(sizeOf(arm, cost, DEFAULT_NEEDS).cores.value).toBeCloseTo(
      (DEFAULT_NEEDS.requestsPerSecond * 25e-6) / DEFAULT_NEEDS.utilisation,
      9,
    );
    expect(reasonsFor(arm, DEFAULT_NEEDS).find(({ rule }) => rule === 'cache')?.verdict).toBe('caution');
  }
});

it('interpolates measured latencies unless the machine disturbed them, and models above the highest load', () => {
  const run = knownRun();
  const [first] = run.figures;
  if (first === undefined) throw new Error('the run is empty');
  const latency = (load: number, value: number, flags: typeof first.flags = []) => ({
    ...first,
    experiment: 'latency',
    arm: 'jwt-hs256',
    metric: 'latency_us' as const,
    unit: 'µs',
    factors: { load_pct: load, quantile: 'p99', timing: 'corrected' },
    value,
    low: value,
    high: value,
    flags,
  });
  const evidence = evidenceOf({
    ...run,
    figures: [...run.figures, latency(50, 1000), latency(75, 3000), latency(90, 9e9, ['machine-stalled'])],
  });
  const { arm, cost } = armOf('jwt-hs256', evidence);
  const at = (requestsPerSecond: number, utilisation: number) =>
    sizeOf(arm, cost, { ...DEFAULT_NEEDS, requestsPerSecond, utilisation });
  // One replica at 2/3: 1 / (1 − load) is 3, half way between the 2 and 4 of 50 and 75 %.
  const between = at(2 / 3 / 36e-6, 0.7);
  expect(between.p99From).toBe('latency');
  expect(between.p99Ms.value).toBeCloseTo(2, 6);
  expect(at(0.9 / 36e-6, 0.95).p99From).toBe('queue');
});

it('finds the load that given replicas or a given budget carry, at the unfavourable end of the cost', () => {
  const { arm } = armOf('jwt-hs256');
  const needs = { ...DEFAULT_NEEDS, p99Ms: null };
  const worst = 36e-6 * 1.01;
  const three = carries(arm, RUN, needs, 3);
  expect(three?.requestsPerSecond).toBeCloseTo((3 * 0.7) / worst, 0);
  expect(three?.limit).toBe('utilisation');
  const sixty = carries(arm, RUN, { ...needs, prices: { ...PRICES, gigabyte: 0 }, budget: 60 }, null);
  expect(sixty?.requestsPerSecond).toBeCloseTo((2 * 0.7) / worst, 0);
  expect(sixty?.limit).toBe('budget');
  // s ln 100 / (1 − ρ) = 0.25 ms leaves ρ = 1 − s ln 100 / 0.25 ms of each replica.
  const quick = carries(arm, RUN, { ...needs, p99Ms: 0.25 }, 3);
  expect(quick?.requestsPerSecond).toBeCloseTo((3 * (1 - (worst * Math.log(100)) / 0.25e-3)) / worst, 0);
  expect(quick?.limit).toBe('p99');
  const never = carries(arm, RUN, { ...needs, p99Ms: 0.1 }, 3);
  expect(never).toEqual({ requestsPerSecond: null, limit: 'p99' });
});
