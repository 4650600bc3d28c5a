import { expect, test } from 'vitest';
import type { Figure } from '../../core/results/schema.ts';
import { figure } from '../testing/figure.ts';
import { sampleRun } from '../testing/sample-run.ts';
import { buildView } from './view.ts';

const verdictOf = (figures: readonly Figure[]) => buildView({ ...sampleRun(), figures: [...figures] }).verdict;
const pair = (value: number, spread = 0.02) =>
  figure('session-redis', 'total_cpu_ratio_to_arm', value, { factors: { against: 'jwt-hs256' }, spread });
const needs = (figures: readonly Figure[]) =>
  verdictOf(figures).choices.map(({ choose, clauses }) => [choose, clauses.map(({ need }) => need)]);

test('a cost supports the side that the pairs show to be cheaper, and neither if they show no difference', () => {
  expect(needs([pair(1.5)])).toEqual([['tokens', ['CPU time matters most']]]);
  expect(needs([pair(0.7)])).toEqual([['sessions', ['CPU time matters most']]]);
  expect(needs([pair(1.01)])).toEqual([]);
  expect(needs([{ ...pair(1.5, 0), blocks: 1, forks: 1 }])).toEqual([]);
});

test('absolute costs alone favour no arm, however far apart they are', () => {
  const costs = [
    figure('session-redis', 'total_cpu_us_per_request', 200),
    figure('jwt-hs256', 'total_cpu_us_per_request', 20),
  ];
  expect(needs(costs)).toEqual([]);
});

test('each clause has its figures and a chart that shows them', () => {
  const { choices } = buildView(sampleRun()).verdict;
  expect(choices.map(({ choose }) => choose)).toEqual(['sessions', 'tokens']);
  for (const { figures, chart } of choices.flatMap(({ clauses }) => clauses)) {
    expect(figures.length).toBeGreaterThan(0);
    expect(chart).not.toBe('');
  }
});

test('reads of the hybrid that cost less than the session support both, unless a critical operation was accepted', () => {
  const run = sampleRun();
  const [template] = run.arms;
  if (template === undefined) throw new Error('the sample has arms');
  const hybrid = {
    ...template,
    name: 'hybrid',
    role: 'guarded' as const,
    family: 'combination',
    variant: null,
    tags: [],
  };
  const arms = [...run.arms, hybrid];
  const cheaper = figure('hybrid', 'total_cpu_ratio_to_arm', 0.6, { factors: { against: 'session-redis' } });
  const lag = (low: number) => ({
    ...figure('hybrid', 'revocation_lag_ms', low, {
      experiment: 'revocation',
      factors: { kind: 'disable', operation: 'critical', settings: 'deployed', quantile: 'max' },
    }),
    low,
    high: low + 10,
  });
  const chosen = (figures: Figure[]) =>
    buildView({ ...run, arms, figures }).verdict.choices.map(({ choose }) => choose);
  expect(chosen([cheaper])).toEqual(['both']);
  expect(chosen([cheaper, lag(0)])).toEqual(['both']);
  expect(chosen([cheaper, lag(900)])).toEqual([]);
});

test('the certainty names the sample, the correction, and what would change the answer', () => {
  expect(verdictOf([pair(1.5)]).sureness?.text).toBe(
    '95 % intervals from 24 blocks in 3 fresh starts. This order applies to this machine, runtime and libraries. A longer run narrows the interval.',
  );
  const once = verdictOf([{ ...pair(1.5), forks: 1 }]).sureness?.text;
  expect(once).toContain('How much fresh starts differ is unknown: --profile full has more.');
  expect(once).not.toContain('narrows');
  expect(verdictOf([pair(1.01)]).sureness?.text).toContain('A longer run may find a difference');
  expect(verdictOf([]).sureness).toBeNull();
});
