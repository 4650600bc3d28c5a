import { expect, it } from 'vitest';
import type { Metric } from '../../../core/results/metrics.ts';
import { METRICS } from '../../../core/results/metrics.ts';
import type { Factors, Figure } from '../../../core/results/schema.ts';
import { cells, PLAIN, viewOf } from '../../testing/output.ts';
import { outageTables, revocationTable } from './faults.ts';

function figure(arm: string, metric: Metric, value: number, factors: Factors, flags: Figure['flags'] = []): Figure {
  const experiment = metric.startsWith('revocation') ? 'revocation' : 'outage';
  const exact = { value, low: value, high: value, confidence: 0.95, blocks: 1, forks: 2 };
  return { experiment, arm, factors, metric, unit: METRICS[metric].unit, ...exact, source: 'measured', flags };
}

it('gives the longest lag as deployed, for either kind of credential, in the usual unit', () => {
  const factors = { kind: 'logout', operation: 'read', quantile: 'max', settings: 'deployed' };
  const lines = revocationTable(
    viewOf([
      figure('dual', 'revocation_lag_ms', 3, { ...factors, credential: 'cookie' }),
      figure('dual', 'revocation_lag_ms', 846_000, { ...factors, credential: 'token' }, ['one-fork']),
      figure('dual', 'revocation_lag_ms', 5_000, { ...factors, settings: 'shortened' }),
      figure('dual', 'revocation_bound_ms', 0, { kind: 'logout', operation: 'read', settings: 'deployed' }),
    ]),
    PLAIN,
  );
  expect(cells(lines.slice(-1))).toEqual([['dual', '14 min †r', '0 ms']]);
});

it('gives each variant of an arm its row', () => {
  const share = (redis_client: string, value: number) =>
    figure('session-redis', 'outage_accepted_pct', value, { fault: 'redis-frozen', route: 'me', redis_client });
  const lines = outageTables(viewOf([share('tuned', 0), share('defaults', 28.57)]), PLAIN);
  expect(cells(lines)).toEqual([
    ['Redis frozen: what clients saw (experiment outage)'],
    ['Arm', 'Accepted'],
    ['session-redis', '0 %'],
    ['session-redis · defaults', '28.6 %'],
  ]);
});

it('shows nothing if it was not run', () => {
  expect(revocationTable(viewOf([]), PLAIN)).toEqual([]);
  expect(outageTables(viewOf([]), PLAIN)).toEqual([]);
});
