import { describe, expect, test } from 'vitest';
import type { Figure, Run } from '../../../core/results/schema.ts';
import { figure } from '../../testing/figure.ts';
import { sampleRun } from '../../testing/sample-run.ts';
import { heldOutErrors, medianAndWorst } from '../../view/scale-answers.ts';
import { ofSeries, scaleSeries, seriesName } from '../../view/scale-figures.ts';
import { buildView } from '../../view/view.ts';
import { modelPanels } from './model-lines.ts';
import { scaleModels } from './models.ts';
import { scaleSpreading } from './spreading.ts';
import { scaleThroughput } from './throughput.ts';
import { scaleWall } from './wall.ts';

const viewOf = (figures: Run['figures']) => buildView({ ...sampleRun(), figures });
const scaled = (arm: string, metric: Figure['metric'], value: number, factors: Figure['factors']) =>
  figure(arm, metric, value, { experiment: 'scale', factors });

describe('series', () => {
  test('are distinguished by their settings, named by the differences, and ordered like the arms', () => {
    const figures = [
      scaled('session-redis', 'throughput_rps', 100, { replicas: 1 }),
      scaled('session-redis', 'throughput_rps', 200, { replicas: 2 }),
      scaled('session-redis', 'throughput_rps', 90, { replicas: 1, redis_share: 0.03 }),
      scaled('session-redis', 'throughput_rps', 80, { replicas: 1, redis_share: 0.03, autopipelining: 'off' }),
      scaled('hybrid', 'throughput_rps', 80, { replicas: 1, redis_share: 0.03, critical_fraction: 0.1 }),
      scaled('session-redis', 'throughput_rps', 80, { replicas: 1, spreading: 'sticky' }),
      scaled('session-redis', 'throughput_rps', 80, { replicas: 1, load_pct: 70 }),
    ];
    const { run } = viewOf(figures);
    const found = scaleSeries(run);
    expect(found.map(({ arm, setting }) => seriesName(arm, setting))).toEqual([
      'session-redis',
      'session-redis',
      'session-redis, autopipelining off',
      'session-redis, by user',
      'hybrid, 10 % critical',
    ]);
    const [plain] = found;
    if (plain === undefined) throw new Error('no series');
    expect(ofSeries(run, 'throughput_rps', plain).map(({ value }) => value)).toEqual([100, 200]);
  });

  test('with a setting are omitted from the plain charts', () => {
    const figures = [1, 2].flatMap((replicas) => [
      scaled('jwt-hs256', 'throughput_rps', 100 * replicas, { replicas }),
      scaled('jwt-hs256', 'throughput_rps', 10, { replicas, redis_share: 0.03 }),
    ]);
    expect(scaleThroughput.figures(viewOf(figures)).map(({ value }) => value)).toEqual([100, 200]);
  });
});

describe('errors of a model on held-out data', () => {
  test('are reported by size, as median and worst', () => {
    const errors = [4, -8, 1].map((value, i) =>
      scaled('jwt-hs256', 'prediction_error_pct', value, { replicas: i + 4, model: 'mva' }),
    );
    const armed = errors.flatMap((error) => (error.arm === null ? [] : [{ ...error, arm: error.arm }]));
    expect(medianAndWorst(armed)).toEqual({ median: 4, worst: 8, count: 3 });
    expect(medianAndWorst([])).toBeNull();
    const { run } = viewOf([scaled('jwt-hs256', 'throughput_rps', 1, { replicas: 1 }), ...errors]);
    expect(heldOutErrors(run, scaleSeries(run))).toEqual([{ name: 'queueing network', median: 4, worst: 8, count: 3 }]);
  });

  test('are in the chart’s sentence for each model', () => {
    expect(scaleModels.sentence(buildView(sampleRun()))).toBe(
      'For fleets excluded from the fit, the scalability law was off by 9 % (median) and 10 % (worst of 4); the queueing network was off by 4 % (median) and 4 % (worst of 4).',
    );
  });
});

test('the extrapolated part continues from the network’s value of the largest fleet, as a separate line', () => {
  const panels = modelPanels(buildView(sampleRun()), [{ arm: 'jwt-hs256', setting: {} }]);
  const [panel] = panels;
  expect(panel?.lines.map(({ role }) => role)).toEqual(['main', 'second', 'machine', 'beyond']);
  expect(panel?.lines.at(-1)?.points.map(({ x }) => x)).toEqual([4, 8, 16, 32]);
  expect(panel?.lines[0]?.points.map(({ x }) => x)).toEqual([1, 2, 4]);
});

test('the ring marks where the measured replicas saturate Redis', () => {
  const view = buildView(sampleRun());
  const [held] = modelPanels(view, [{ arm: 'session-redis', setting: { redis_share: 0.03 } }]);
  expect(held?.ring?.value).toBe(2_100);
  expect(held?.ring?.x).toBeCloseTo(3, 9);
  const [far] = modelPanels(view, [{ arm: 'session-redis', setting: {} }]);
  expect(far).not.toHaveProperty('ring');
});

test('the sentence gives the limit of Redis as measured and as predicted', () => {
  expect(scaleWall.sentence(buildView(sampleRun()))).toContain(
    'With Redis limited to 3 % of a core, it was saturated by session-redis at 2,040\u202freq/s, predicted 2,100\u202freq/s',
  );
  const free = viewOf([scaled('session-redis', 'throughput_rps', 90, { replicas: 1, redis_share: 0.03 })]);
  expect(scaleWall.sentence(free)).toBe('With Redis limited to 3 % of a core, no number of replicas saturated it.');
});

test('spreading states what each way refuses on the largest fleet, for arms measured in several ways', () => {
  const refused = (arm: string, value: number, factors: Figure['factors']) =>
    scaled(arm, 'refused_pct', value, factors);
  const view = viewOf([
    refused('session-memory', 50, { replicas: 2 }),
    { ...refused('session-memory', 0, { replicas: 2, spreading: 'sticky' }), low: 0, high: 0 },
    refused('jwt-hs256', 0, { replicas: 2 }),
    refused('session-memory', 75, { replicas: 4, redis_share: 0.03, spreading: 'sticky' }),
  ]);
  expect(scaleSpreading.sentence(view)).toBe(
    'On 2 replicas, session-memory refuses 50.0\u202f% [49.5–50.5] by connection and 0\u202f% sticky, by user.',
  );
  expect(scaleSpreading.figures(view)).toHaveLength(2);
});

test('spreading compares where every way was measured, however far one of them extends', () => {
  const refused = (arm: string, value: number, factors: Figure['factors']) =>
    scaled(arm, 'refused_pct', value, factors);
  const view = viewOf([
    refused('session-redis', 0, { replicas: 2, spreading: 'sticky' }),
    refused('session-redis', 0, { replicas: 2 }),
    refused('session-redis', 0, { replicas: 8 }),
    refused('session-memory', 50, { replicas: 2 }),
    refused('session-memory', 40, { replicas: 2, spreading: 'request' }),
  ]);
  const sentence = scaleSpreading.sentence(view);
  expect(sentence).toMatch(/^On 2 replicas, /);
  expect(sentence).toContain('session-memory refuses 50');
  expect(sentence).toContain('session-redis refuses 0');
});
