import { describe, expect, it } from 'vitest';
import type { Figure } from '../../../../core/results/schema.ts';
import { armSummary } from '../../../../core/results/testing/arm-summary.ts';
import { Evidence } from '../../evidence.ts';
import { lag, row } from '../../testing/evidence.ts';
import { postgresSessions } from './23-postgres-sessions.ts';
import { clientSideCaching } from './24-client-side-caching.ts';

const PLAIN = 'session-redis';
const LEAN = 'session-redis-lean';
const POSTGRES = 'session-postgres';
const TRACKED = 'session-tracked';
const BOUND_MS = 500;

const declares = {
  revokedWithinMs: BOUND_MS,
  lifetimeMs: null,
  rechecksCredential: true,
  survivesRedisOutage: false,
  needsStickyRouting: false,
  crossOrigin: false,
  needsCsrfProtection: true,
  readableByScript: false,
  refreshTokens: false,
};
const arms = [
  armSummary(PLAIN, { family: 'session', serverState: 'redis', tags: ['reference'], variant: null }),
  armSummary(LEAN, { family: 'session', serverState: 'redis', variant: 'hand-tuned' }),
  armSummary(POSTGRES, { family: 'session', serverState: 'database', variant: 'hand-tuned' }),
  armSummary('session-cached', { family: 'session', serverState: 'redis', variant: 'cached' }),
  armSummary(TRACKED, { family: 'session', serverState: 'redis', variant: 'tracked', declares }),
];
type Bounds = number | readonly [low: number, high: number];
const IN_FLIGHT = { in_flight: 10 };
const over = (arm: string, against: string, bounds: Bounds) =>
  row('toll', arm, 'total_cpu_ratio_to_arm', bounds, { ...IN_FLIGHT, against });
const verdict = (claim: typeof postgresSessions, ...figures: readonly Figure[]) =>
  claim.judge(new Evidence(figures, arms));

describe('sessions in PostgreSQL', () => {
  const cpu = (bounds: Bounds) => row('toll', POSTGRES, 'companion_cpu_us_per_request', bounds, IN_FLIGHT);
  const redisCpu = row('toll', PLAIN, 'redis_cpu_us_per_request', [7, 7.2], IN_FLIGHT);
  const judged = (...figures: readonly Figure[]) => verdict(postgresSessions, ...figures);
  const costlier = over(POSTGRES, LEAN, [1.5, 1.7]);

  it('hold up to the load of one core, by the CPU time of the database per request', () => {
    // 700,000 µs, which are 70 % of a second, over 70 µs.
    const found = judged(costlier, redisCpu, cpu([69.9, 70]));
    expect(found?.verdict).toBe('holds only if');
    expect(found?.condition).toContain('at most about 10,000 requests per second');
    expect(found?.turns).toContain('recorded');
  });

  it('do not hold if one core handles less than a medium user base sends, and are inconclusive in between', () => {
    // 700 µs are 1,000 requests a second: 10,000 users who send one every 10 s.
    expect(judged(costlier, cpu([650, 700]))?.verdict).toBe('holds only if');
    expect(judged(costlier, cpu([650, 701]))?.verdict).toBe('inconclusive');
    expect(judged(costlier, cpu([700, 720]))?.verdict).toBe('inconclusive');
    expect(judged(costlier, cpu([701, 720]))?.verdict).toBe('does not hold');
  });

  it('hold without a condition only if a core handles as much as one of Redis, at no more cost', () => {
    const same = over(POSTGRES, LEAN, [0.95, 1.05]);
    expect(judged(same, redisCpu, cpu([6.8, 7]))?.verdict).toBe('holds');
    expect(judged(same, redisCpu, cpu([6.8, 7.01]))?.verdict).toBe('holds only if');
    expect(judged(costlier, redisCpu, cpu([6.8, 7]))?.verdict).toBe('holds only if');
    expect(judged(same, cpu([6.8, 7]))?.verdict).toBe('holds only if');
  });

  it('are compared with the session that is read in the same way, otherwise with the other one', () => {
    const both = judged(over(POSTGRES, PLAIN, [0.8, 0.9]), costlier, cpu([69, 70]));
    expect(both?.because).toContain(`the CPU time of ${LEAN}`);
    expect(judged(over(POSTGRES, PLAIN, [0.8, 0.9]), cpu([69, 70]))?.because).toContain(`the CPU time of ${PLAIN} `);
  });

  it('are not judged without a session in Redis to compare with, or without the time of the database', () => {
    expect(judged(cpu([69, 70]))).toBeNull();
    expect(judged(costlier)).toBeNull();
    expect(judged(costlier, cpu([0, 70]))).toBeNull();
    const alone = row('toll', POSTGRES, 'cpu_ratio_to_arm', [1.5, 1.7], { ...IN_FLIGHT, against: LEAN });
    expect(judged(alone, cpu([69, 70]))).toBeNull();
  });
});

describe('client-side caching', () => {
  const commands = (bounds: Bounds) => row('toll', TRACKED, 'redis_commands_per_request', bounds, IN_FLIGHT);
  const cheaper = over(TRACKED, PLAIN, [0.5, 0.55]);
  const few = commands(0.002);
  const atOnce = lag(TRACKED, [0, 3]);
  const judged = (...figures: readonly Figure[]) => verdict(clientSideCaching, ...figures);

  it('gives both if it is cheaper, hardly asks Redis, and revoked sessions end at once', () => {
    const found = judged(cheaper, few, atOnce);
    expect(found?.verdict).toBe('holds');
    expect(found?.because).toContain('refused at once; the arm declares 500\u202fms');
    expect(found?.figures.map(({ figure }) => figure.metric)).toEqual([
      'redis_commands_per_request',
      'total_cpu_ratio_to_arm',
      'revocation_lag_ms',
    ]);
  });

  it('keeps control within the declared time as a condition, and loses it beyond', () => {
    expect(judged(cheaper, few, lag(TRACKED, [4, 9]))?.condition).toContain('for up to 4\u202fms');
    expect(judged(cheaper, few, lag(TRACKED, [BOUND_MS, 600]))?.verdict).toBe('holds only if');
    const late = judged(cheaper, few, lag(TRACKED, [BOUND_MS + 1, 600]));
    expect(late?.verdict).toBe('does not hold');
    expect(late?.contrary).toContain('outlived');
    const broken = { ...lag(TRACKED, [4, 9]), flags: ['declaration-broken' as const] };
    expect(judged(cheaper, few, broken)?.verdict).toBe('does not hold');
  });

  it('is not nearly free if more than a tenth of requests ask Redis, or if it saves no time', () => {
    expect(judged(cheaper, commands([0.05, 0.1]), atOnce)?.verdict).toBe('holds');
    expect(judged(cheaper, commands([0.05, 0.11]), atOnce)?.verdict).toBe('inconclusive');
    expect(judged(cheaper, commands([0.11, 0.2]), atOnce)?.verdict).toBe('does not hold');
    expect(judged(over(TRACKED, PLAIN, [0.98, 1.03]), few, atOnce)?.verdict).toBe('inconclusive');
    expect(judged(over(TRACKED, PLAIN, [1.1, 1.2]), few, atOnce)?.verdict).toBe('does not hold');
  });

  it('is judged by the arm with invalidation by Redis, and by no other cache', () => {
    expect(judged(over('session-cached', PLAIN, [0.5, 0.55]), few, atOnce)).toBeNull();
    expect(judged(cheaper, few)).toBeNull();
    expect(judged(cheaper, atOnce)).toBeNull();
  });

  it('is not judged without the time of Redis, where it saves most', () => {
    const replicasAlone = row('toll', TRACKED, 'cpu_ratio_to_arm', [1.1, 1.2], { ...IN_FLIGHT, against: PLAIN });
    expect(judged(replicasAlone, few, atOnce)).toBeNull();
  });
});
