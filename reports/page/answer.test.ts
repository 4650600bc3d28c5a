import { expect, test } from 'vitest';
import type { Metric } from '../../core/results/metrics.ts';
import { figure } from '../testing/figure.ts';
import { sampleRun } from '../testing/sample-run.ts';
import { buildView } from '../view/view.ts';
import { answer } from './answer.ts';

const shown = (...figures: ReturnType<typeof figure>[]) =>
  answer.render(buildView({ ...sampleRun(), figures }), [])?.markup ?? '';

test('the answer of a search for capacity is its table', () => {
  const of = (metric: Metric, value: number) =>
    figure('jwt-hs256', metric, value, { experiment: 'capacity', factors: { replicas: 1 } });
  const text = shown(of('objective_met_pct', 100), of('peak_rps', 12_345), of('recommended_rps', 9_876));
  expect(text).toContain('What broke first');
  expect(text).toContain('12,300');
  expect(text).not.toContain('measured nothing');
  expect(shown()).toContain('measured nothing that could answer the question');
});
