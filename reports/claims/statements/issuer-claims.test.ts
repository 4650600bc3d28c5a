import { expect, it } from 'vitest';
import type { Figure } from '../../../core/results/schema.ts';
import { armSummary } from '../../../core/results/testing/arm-summary.ts';
import { Evidence } from '../evidence.ts';
import { row } from '../testing/evidence.ts';
import { introspectionSlow } from './19-introspection-slow.ts';

const SESSION = 'session-redis';
const PLAIN = 'opaque-introspection';
const CACHED = 'opaque-introspection-cached';

const arms = [
  armSummary(SESSION, { role: 'guarded', family: 'session', serverState: 'redis' }),
  armSummary(PLAIN, { role: 'guarded', family: 'token', serverState: 'issuer', stores: ['opaque-token'] }),
  armSummary(CACHED, {
    role: 'guarded',
    family: 'token',
    serverState: 'issuer',
    stores: ['opaque-token'],
    variant: 'cached',
  }),
];
type Bounds = readonly [low: number, high: number];
const over = (arm: string, bounds: Bounds) =>
  row('toll', arm, 'total_cpu_ratio_to_arm', bounds, { in_flight: 10, against: SESSION });
const judged = (...figures: readonly Figure[]) => introspectionSlow.judge(new Evidence(figures, arms));

it('is decided by the interval of the cost against a session, all processes included', () => {
  expect(judged(over(PLAIN, [1.5, 1.99]))?.verdict).toBe('does not hold');
  expect(judged(over(PLAIN, [1.9, 2]))?.verdict).toBe('inconclusive');
  expect(judged(over(PLAIN, [2, 2.2]))?.verdict).toBe('inconclusive');
  expect(judged(over(PLAIN, [2.01, 2.2]))?.verdict).toBe('holds');
});

it('holds only without a cache if a cache brings it below', () => {
  const verdict = (bounds: Bounds) => judged(over(PLAIN, [3, 3.2]), over(CACHED, bounds));
  expect(verdict([1, 1.9])?.condition).toBe('responses are not cached');
  expect(verdict([1, 2])?.verdict).toBe('holds');
});

it('is not judged without the time of the authorization server, or without a session to compare with', () => {
  expect(judged(row('toll', PLAIN, 'cpu_ratio_to_arm', [3, 3.2], { in_flight: 10, against: SESSION }))).toBeNull();
  expect(judged()).toBeNull();
});
