import { expect, test } from 'vitest';
import { type Cost, costOf } from '../cost.ts';
import type { ArmEvidence } from '../evidence.ts';
import { evidenceOf } from '../from-run.ts';
import { DEFAULT_NEEDS, type Needs } from '../needs.ts';
import { type KnownArm, knownRun } from '../testing/known-run.ts';
import { KNOWN_PRICES } from '../testing/prices.ts';
import { planFor } from './plan.ts';

const NEEDS: Needs = {
  ...DEFAULT_NEEDS,
  users: 100_000,
  requestsPerSecond: 100_000,
  criticalShare: 0,
  utilisation: 0.5,
};

/** An arm of the known run without spread, and its costs. */
function known(name: KnownArm, spread = 0): { readonly arm: ArmEvidence; readonly cost: Cost } {
  const run = evidenceOf(knownRun({ spread }));
  const arm = run.arms.find((one) => one.name === name);
  const cost = arm === undefined ? null : costOf(arm, run);
  if (arm === undefined || cost === null) throw new Error(`the known run has no costs of ${name}`);
  return { arm, cost };
}

const plan = (name: KnownArm, rate: number, { needs = NEEDS, prices = KNOWN_PRICES, spread = 0 } = {}) => {
  const { arm, cost } = known(name, spread);
  return planFor(arm, cost, needs, prices, rate);
};
const hosts = (found: ReturnType<typeof plan>) => found.roles.map(({ role, hosts: { value } }) => [role, value]);

test('a plan matches one worked out by hand', () => {
  const found = plan('session-redis', 100_000);
  // 100,000 × 59 µs ÷ 0.5 = 11.8 cores; of Redis 100,000 × 7 µs ÷ 0.5 = 1.4 cores, with a copy of the host.
  expect(found.replicas.value).toBe(12);
  expect(found.redisShards.value).toBe(2);
  expect(hosts(found)).toEqual([
    ['balancer', 1],
    ['replica', 3],
    ['redis', 2],
  ]);
  expect(found.redisBytes?.value).toBe(100_000 * 600);
  expect(found.inBytesPerSecond?.value).toBe(16e6);
  expect(found.outBytesPerSecond?.value).toBe(25e6);
  // 90 + 3 × 220 + 2 × 300, and 25 MB/s over 2,629,800 s at 0.02 a GB.
  expect(found.perMonth?.value).toBeCloseTo(1350 + 65_745 * 0.02, 6);
  // Three hosts of four cores are half busy at 12 × 0.5 ÷ 59 µs.
  expect(found.bottleneck).toMatchObject({ role: 'replica', resource: 'cpu', source: 'model' });
  expect(found.bottleneck?.requestsPerSecond).toBeCloseTo(6 / 59e-6, 3);
});

test('every number is labelled as a model’s', () => {
  const found = plan('session-redis', 1e6);
  const figures = [
    found.replicas,
    found.redisShards,
    found.redisBytes,
    found.inBytesPerSecond,
    found.outBytesPerSecond,
    found.perMonth,
    found.bottleneck,
    ...found.roles.map((role) => role.hosts),
  ];
  expect(figures.map((figure) => figure?.source)).toEqual(figures.map(() => 'model'));
  expect(found.source).toBe('model');
});

test('memory decides if there are many users, and the network if hosts have little', () => {
  const crowd = plan('session-redis', 100_000, { needs: { ...NEEDS, users: 1e9 } });
  const redis = crowd.roles.find(({ role }) => role === 'redis');
  // 600 GB on hosts of which 32 GB may be used: 19, and a copy of each. Each has a shard at least.
  expect(redis).toMatchObject({ decidedBy: 'memory', hosts: { value: 38 } });
  expect(crowd.redisShards.value).toBe(19);
  const replica = { ...KNOWN_PRICES.hosts.replica, networkGbit: 0.01 };
  const narrow = plan('session-redis', 100_000, {
    prices: { ...KNOWN_PRICES, hosts: { ...KNOWN_PRICES.hosts, replica } } as unknown as typeof KNOWN_PRICES,
  });
  // 25 MB/s to clients, over 5 Mbit/s that may be used of each host.
  expect(narrow.roles.find(({ role }) => role === 'replica')).toMatchObject({
    decidedBy: 'network',
    hosts: { value: 40 },
  });
});

test('a token needs no Redis, users grow with the load, and critical requests pay for their lookups', () => {
  const token = plan('jwt-hs256', 1e7);
  expect(hosts(token)).toEqual([
    ['balancer', 104],
    ['replica', 180],
  ]);
  expect(token.redisShards).toMatchObject({ value: 0, high: 0 });
  expect(token.users).toBe(1e7);
  const light = plan('hybrid', 1e6);
  const critical = plan('hybrid', 1e6, { needs: { ...NEEDS, criticalShare: 1 } });
  expect(critical.replicas.value).toBeGreaterThan(light.replicas.value);
  expect(critical.redisShards.value).toBeGreaterThan(light.redisShards.value);
});

test('intervals of the figures carry over to the plan', () => {
  const found = plan('session-redis', 1e6, { spread: 0.1 });
  expect(found.replicas).toMatchObject({ value: 118, low: 107, high: 130 });
  const { value = 0, low = 0, high = 0 } = found.perMonth ?? {};
  expect(low).toBeLessThan(value);
  expect(high).toBeGreaterThan(value);
});

test('missing measurements are named and left out, and so is the cost if they have a price', () => {
  const { arm, cost } = known('session-redis');
  const bare = { ...arm, requestBytes: null, storedBytes: {} };
  const found = planFor(bare, cost, NEEDS, KNOWN_PRICES, 1e5);
  expect(found).toMatchObject({ perMonth: null, inBytesPerSecond: null, redisBytes: null });
  expect(found.cautions).toEqual([
    expect.stringContaining('network is excluded'),
    expect.stringContaining('Redis memory is excluded'),
  ]);
  const free = { ...KNOWN_PRICES, traffic: { inPerGb: 0, outPerGb: 0 } };
  expect(planFor(bare, cost, NEEDS, free, 1e5).perMonth?.value).toBe(90 + 3 * 220 + 2 * 300);
});

test('a plan with more nodes than Redis Cluster is designed for says so', () => {
  expect(plan('session-redis', 1e7).cautions).toEqual([]);
  const crowd = plan('session-redis', 1e7, { needs: { ...NEEDS, users: 1e9 } });
  expect(crowd.cautions).toEqual([expect.stringContaining('more Redis nodes than the maximum of 1000')]);
});
