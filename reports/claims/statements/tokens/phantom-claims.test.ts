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

it('is decided by the interval of the cost against introspection of each request, all processes included', () => {
  expect(judged(over(EDGE, EACH, [0.8, 0.99]))?.verdict).toBe('holds');
  expect(judged(over(EDGE, EACH, [0.9, 1]))?.verdict).toBe('inconclusive');
  expect(judged(over(EDGE, EACH, [1, 1.2]))?.verdict).toBe('inconclusive');
  expect(judged(over(EDGE, EACH, [1.01, 1.2]))?.verdict).toBe('does not hold');
});

it('is not decided by an interval that does not stand up to the correction for many pairs', () => {
  const others = [over(CACHED, EACH, [0.9, 1.1]), over(CACHED, SESSION, [0.9, 1.1]), over(EDGE, CACHED, [0.9, 1.1])];
  for (const bounds of [[0.8, 0.99] as const, [1.01, 1.2] as const]) {
    const found = judged(over(EDGE, EACH, bounds), ...others);
    expect(found?.verdict).toBe('inconclusive');
    expect(found?.because).toContain('after correction for 4 comparisons');
  }
});

it('says what is paid for it, and what a cache in the replicas would cost', () => {
  const alone = judged(over(EDGE, EACH, [1.4, 1.5]));
  expect(alone?.because).toContain('up to 10\u202fs');
  expect(alone?.figures).toHaveLength(1);
  const both = judged(over(EDGE, EACH, [1.4, 1.5]), over(EDGE, CACHED, [2, 2.2]));
  expect(both?.because).toContain(CACHED);
  expect(both?.figures).toHaveLength(2);
});

it('is not judged without introspection beside it, nor without the time of the authorization server', () => {
  expect(judged(over(EDGE, CACHED, [2, 2.2]))).toBeNull();
  expect(judged(row('toll', EDGE, 'cpu_ratio_to_arm', [2, 2.2], { in_flight: 10, against: EACH }))).toBeNull();
});

it('leaves the claim about introspection to tokens that replicas ask about', () => {
  const figure = over(EDGE, SESSION, [3, 3.2]);
  expect(introspectionSlow.judge(new Evidence([figure], [session, edge]))).toBeNull();
});
