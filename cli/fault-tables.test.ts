import { expect, it } from 'vitest';
import type { Metric } from '../core/results/metrics.ts';
import type { Factors, Figure, Run } from '../core/results/schema.ts';
import { duration, outageTable, revocationTable } from './fault-tables.ts';

function figure(arm: string, metric: Metric, value: number, factors: Factors, flags: Figure['flags'] = []): Figure {
  const experiment = metric.startsWith('revocation') ? 'revocation' : 'outage';
  const exact = { value, low: value, high: value, confidence: 0.95, blocks: 1, forks: 2 };
  return { experiment, arm, factors, metric, unit: '', ...exact, source: 'measured', flags };
}

const runOf = (figures: Figure[]) => ({ figures }) as Run;

it('tells spans of time in the unit that people use, and marks what is flagged', () => {
  const text = (ms: number, flags: Figure['flags'] = []) => duration(figure('a', 'recovery_ms', ms, {}, flags));
  expect([0, 4.26, 870, 1_240, 846_000, 43_200_000].map((ms) => text(ms))).toEqual([
    '0 ms',
    '4.3 ms',
    '870 ms',
    '1.2 s',
    '14 min',
    '12 h',
  ]);
  expect(text(5, ['still-broken'])).toBe('5 ms *');
  expect(duration(undefined)).toBe('');
});

it('gives the longest lag as deployed, of either kind of credential', () => {
  const factors = { kind: 'logout', operation: 'read', quantile: 'max', settings: 'deployed' };
  const lines = revocationTable(
    runOf([
      figure('dual', 'revocation_lag_ms', 3, { ...factors, credential: 'cookie' }),
      figure('dual', 'revocation_lag_ms', 9, { ...factors, credential: 'token' }),
      figure('dual', 'revocation_lag_ms', 5_000, { ...factors, settings: 'shortened' }),
      figure('dual', 'revocation_bound_ms', 0, { kind: 'logout', operation: 'read', settings: 'deployed' }),
    ]),
  );
  expect(lines.at(-1)).toMatch(/^ {2}dual {2,}9 ms {2,}0 ms$/);
});

it('gives each variant of an arm its row', () => {
  const share = (redis_client: string, value: number) =>
    figure('session-redis', 'outage_accepted_pct', value, { fault: 'redis-frozen', route: 'me', redis_client });
  const lines = outageTable(runOf([share('tuned', 0), share('defaults', 28.57)]));
  expect(lines.slice(2).map((line) => line.trim().split(/ {2,}/))).toEqual([
    ['redis-frozen', 'session-redis', '0 %'],
    ['redis-frozen', 'session-redis defaults', '28.6 %'],
  ]);
});

it('says nothing of what was not run', () => {
  expect(revocationTable(runOf([]))).toEqual([]);
  expect(outageTable(runOf([]))).toEqual([]);
});
