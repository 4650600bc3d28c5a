import { expect, it } from 'vitest';
import type { Figure } from '../../../../core/results/schema.ts';
import { armSummary } from '../../../../core/results/testing/arm-summary.ts';
import { Evidence } from '../../evidence.ts';
import { row } from '../../testing/evidence.ts';
import { introspectionSlow } from '../19-introspection-slow.ts';
import { phantomCheaper } from './25-phantom-cheaper.ts';

const SESSION = 'session-redis';
const EACH = 'opaque-introspection';
const CACHED = 'opaque-introspection-cached';
const EDGE = 'phantom-token';
const PROMISES = {
  revokedWithinMs: 10_000,
  lifetimeMs: 900_000,
  rechecksCredential: true,
  survivesRedisOutage: false,
  needsStickyRouting: false,
  crossOrigin: true,
  needsCsrfProtection: false,
  readableByScript: true,
  refreshTokens: false,
};
const opaque = { role: 'guarded', family: 'token', serverState: 'issuer', stores: ['opaque-token'] } as const;
const session = armSummary(SESSION, { role: 'guarded', family: 'session', serverState: 'redis' });
const edge = armSummary(EDGE, { ...opaque, stores: ['opaque-token'], variant: 'edge', declares: PROMISES });
const arms = [
  session,
  edge,
  armSummary(EACH, { ...opaque, stores: ['opaque-token'] }),
  armSummary(CACHED, { ...opaque, stores: ['opaque-token'], variant: 'cached' }),
];
type Bounds = readonly [low: number, high: number];
const over = (arm: string, against: string, bounds: Bounds) =>
  row('toll', arm, 'total_cpu_ratio_to_arm', bounds, { in_flight: 10, against });
const judged = (...figures: readonly Figure[]) => phantomCheaper.judge(new Evidence(figures, arms));

it('is decided by the interval of the cost against introspection at each request, all processes included', () => {
  expect(judged(over(EDGE, EACH, [0.8, 0.99]))?.verdict).toBe('holds');
  expect(judged(over(EDGE, EACH, [0.9, 1]))?.verdict).toBe('inconclusive');
  expect(judged(over(EDGE, EACH, [1, 1.2]))?.verdict).toBe('inconclusive');
  expect(judged(over(EDGE, EACH, [1.01, 1.2]))?.verdict).toBe('does not hold');
});

it('is not decided by an interval that is not significant after correction for many pairs', () => {
  const others = [over(CACHED, EACH, [0.9, 1.1]), over(CACHED, SESSION, [0.9, 1.1]), over(EDGE, CACHED, [0.9, 1.1])];
  for (const bounds of [[0.8, 0.99] as const, [1.01, 1.2] as const]) {
    const found = judged(over(EDGE, EACH, bounds), ...others);
    expect(found?.verdict).toBe('inconclusive');
    expect(found?.because).toContain('after correction for 4 comparisons');
  }
});

it('states the price, and the cost of a cache in the replicas', () => {
  const alone = judged(over(EDGE, EACH, [1.4, 1.5]));
  expect(alone?.because).toContain('up to 10\u202fs');
  expect(alone?.figures).toHaveLength(1);
  const both = judged(over(EDGE, EACH, [1.4, 1.5]), over(EDGE, CACHED, [2, 2.2]));
  expect(both?.because).toContain(CACHED);
  expect(both?.figures).toHaveLength(2);
});

it('is not judged without introspection to compare with, or without the time of the authorization server', () => {
  expect(judged(over(EDGE, CACHED, [2, 2.2]))).toBeNull();
  expect(judged(row('toll', EDGE, 'cpu_ratio_to_arm', [2, 2.2], { in_flight: 10, against: EACH }))).toBeNull();
});

it('leaves the claim about introspection to tokens that replicas introspect', () => {
  const figure = over(EDGE, SESSION, [3, 3.2]);
  expect(introspectionSlow.judge(new Evidence([figure], [session, edge]))).toBeNull();
});

const difference = (hops: number, bounds: Bounds) =>
  row('chain', EDGE, 'chain_difference_us', bounds, { against: EACH, checks: 'every-hop', hops });
const breakEven = (bounds: Bounds) =>
  row('chain', EDGE, 'chain_break_even_services', bounds, { against: EACH, checks: 'every-hop', model: 'line' });
const chain = [difference(1, [40, 60]), difference(2, [-20, 0]), difference(3, [-80, -60])];

it('holds from the number of services that the chain shows, if one service does not pay off', () => {
  for (const one of [over(EDGE, EACH, [1.1, 1.2]), over(EDGE, EACH, [0.98, 1.02])]) {
    const found = judged(one, ...chain, breakEven([1.8, 2.4]));
    expect(found).toMatchObject({
      verdict: 'holds only if',
      condition: 'a request reaches 3 services or more behind the edge',
    });
    expect(found?.because).toContain('they break even at 2.1');
    expect(found?.figures.map(({ figure }) => figure.metric)).toEqual([
      'total_cpu_ratio_to_arm',
      'chain_difference_us',
      'chain_break_even_services',
    ]);
  }
  expect(judged(over(EDGE, EACH, [1.1, 1.2]), ...chain, breakEven([4, 5.2]))?.condition).toBe(
    'a request reaches 6 services or more behind the edge (by a line through the numbers that were measured)',
  );
});

it('does not hold if one service does not pay off, and no number was found that does', () => {
  const found = judged(over(EDGE, EACH, [1.1, 1.2]), ...chain);
  expect(found?.verdict).toBe('does not hold');
  expect(found?.because).toContain('No number of services up to 10 was found');
});

it('holds if one service already pays off, whatever the chain shows', () => {
  expect(judged(over(EDGE, EACH, [0.8, 0.9]), ...chain, breakEven([1.8, 2.4]))?.verdict).toBe('holds');
});

it('is judged by a chain alone, by the sign of its difference for one service', () => {
  expect(judged(difference(1, [-60, -1]), breakEven([1, 1]))?.verdict).toBe('holds');
  expect(judged(difference(1, [1, 60]))?.verdict).toBe('does not hold');
  expect(judged(difference(1, [-1, 60]))?.verdict).toBe('inconclusive');
  expect(judged(difference(1, [1, 60]), difference(3, [-9, -8]), breakEven([1.2, 1.9]))?.condition).toBe(
    'a request reaches 2 services or more behind the edge',
  );
  expect(judged(difference(2, [-9, -8]), breakEven([1, 1]))).toBeNull();
});
