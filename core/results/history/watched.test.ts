import { expect, it } from 'vitest';
import { sampleRun } from '../../../reports/testing/sample-run.ts';
import type { MetricInfo } from '../metrics/metric-info.ts';
import { METRIC_NAMES, METRICS } from '../metrics.ts';
import { isTrackable, watched } from './watched.ts';

const { figures } = sampleRun();

it('the watched figures are a small part of those a tracker can follow, and all can be followed unless they are zero', () => {
  const tracked = figures.filter(isTrackable);
  const chosen = watched(figures);
  expect(chosen.length).toBeGreaterThan(10);
  expect(chosen.length).toBeLessThan(figures.length / 5);
  expect(chosen.filter((one) => !tracked.includes(one) && one.low > 0)).toEqual([]);
  expect(new Set(chosen.map(({ experiment }) => experiment))).toEqual(new Set(['toll', 'scale', 'latency']));
});

it('throughput is watched only at the highest number of replicas', () => {
  const rates = figures.filter(({ experiment, metric }) => experiment === 'scale' && metric === 'throughput_rps');
  const plain = rates.filter(({ factors }) => Object.keys(factors).join() === 'replicas');
  const most = Math.max(...plain.map(({ factors }) => Number(factors.replicas)));
  const chosen = watched(figures).filter(({ experiment }) => experiment === 'scale');
  expect(new Set(chosen.map(({ factors }) => factors.replicas))).toEqual(new Set([most]));
});

it('throughput is watched at the highest number of replicas of each class of machine', () => {
  const of = (machineClass: string, replicas: number) => ({
    ...{ experiment: 'scale', arm: 'none', factors: { replicas }, metric: 'throughput_rps' as const, machineClass },
  });
  const all = [of('a', 2), of('a', 4), of('b', 4), of('b', 8)];
  expect(watched(all)).toEqual([all[1], all[3]]);
});

it('no metric declared as a difference can be followed', () => {
  const differences = METRIC_NAMES.filter((name) => (METRICS[name] as MetricInfo).paired?.as === 'difference');
  expect(differences).toContain('cpu_toll_us');
  const [any] = figures;
  if (any === undefined) throw new Error('the sample has figures');
  for (const metric of differences) expect(isTrackable({ ...any, metric, value: 5, low: 4, high: 6 })).toBe(false);
});
