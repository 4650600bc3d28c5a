import { expect, test } from 'vitest';
import type { Figure } from '../../core/results/schema.ts';
import { CAUSES } from '../../core/thresholds/objective.ts';
import { figure } from '../testing/figure.ts';
import { sampleRun } from '../testing/sample-run.ts';
import { capacityAnswers } from './capacity.ts';
import { buildView } from './view.ts';

const of = (metric: Figure['metric'], value: number) =>
  figure('jwt-hs256', metric, value, { experiment: 'capacity', factors: { replicas: 1 } });

function remarkOn(...figures: Figure[]): string | undefined {
  return capacityAnswers(buildView({ ...sampleRun(), figures }))[0]?.remark;
}

test('a search that found a peak needs no remark, unless the server did not recover', () => {
  const found = [of('objective_met_pct', 100), of('peak_rps', 900)];
  expect(remarkOn(...found)).toBe('');
  expect(remarkOn(...found, of('recovered_pct', 50))).toContain('did not recover in every start');
  expect(remarkOn(...found, of('recovered_pct', 0))).toContain('did not recover: it missed');
});

test('without a peak, the remark says what fresh starts disagree about', () => {
  expect(remarkOn(of('objective_met_pct', 0))).toContain('no load meets this objective');
  expect(remarkOn(of('objective_met_pct', 67))).toContain('whether any load meets');
  expect(remarkOn(of('objective_met_pct', 100), of('never_missed_pct', 100))).toContain('no load misses');
  expect(remarkOn(of('objective_met_pct', 100), of('never_missed_pct', 33))).toContain('whether any load misses');
});

test('a cause in some fresh starts is not attributed to all', () => {
  const broke = (cause: string, value: number) =>
    figure('jwt-hs256', 'broke_first_pct', value, { experiment: 'capacity', factors: { replicas: 1, broke: cause } });
  const first = (...figures: Figure[]) =>
    capacityAnswers(buildView({ ...sampleRun(), figures: [of('peak_rps', 900), ...figures] }))[0]?.brokeFirst;
  expect(first(broke('redis', 100))).toBe(CAUSES.redis);
  expect(first(broke('cpu', 33), broke('redis', 67))).toBe(`${CAUSES.redis} (in 67 % of the fresh starts)`);
  expect(first()).toBeNull();
});

test('if the load generator was the limit, nothing is said about the servers', () => {
  const broke = figure('jwt-hs256', 'broke_first_pct', 100, {
    ...{ experiment: 'capacity', factors: { replicas: 1, broke: 'generator' } },
  });
  expect(remarkOn(broke)).toContain('the load generator could send no load that was tried');
});

test('a closed loop without an expected answer is not a run without time', () => {
  const refused = { ...of('throughput_rps', 1_000), flags: ['unexpected-responses' as const] };
  expect(remarkOn(refused)).toContain('got no expected answer');
});

test('for a run that ended before the search, nothing is said about its starts', () => {
  expect(remarkOn(of('throughput_rps', 1_000))).toBe('the run ended before the search began: give it more time');
});
