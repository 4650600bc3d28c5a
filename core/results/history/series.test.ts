import { expect, it } from 'vitest';
import { entry } from '../testing/history.ts';
import type { HistoryEntry } from './entry.ts';
import { seriesOf } from './series.ts';

it('knows figures again in whatever order and however many a run has', async () => {
  const figures = (...metrics: readonly ('cpu_toll_us' | 'throughput_rps')[]) =>
    metrics.map((metric, value) => ({ ...(entry(1, 4).figures[0] ?? {}), metric, value }) as never);
  const both = figures('cpu_toll_us', 'throughput_rps');
  const runs = [both, both.toReversed(), figures('throughput_rps'), [], both];
  const found = seriesOf(runs.map((own, i) => ({ ...entry(i, 0), figures: own })));
  expect(found.map(({ metric, points }) => [metric, points.map(({ runId, value }) => `${runId} ${value}`)])).toEqual([
    ['cpu_toll_us', ['run-0 0', 'run-1 0', 'run-4 0']],
    ['throughput_rps', ['run-0 1', 'run-1 1', 'run-2 0', 'run-4 1']],
  ]);
});

it('never mixes machines, and ignores the order of factors', () => {
  const [a, b] = [entry(1, 4), entry(2, 5, 'large')];
  const swapped = {
    ...entry(3, 6),
    figures: [{ ...(entry(3, 6).figures[0] ?? a.figures[0]), factors: { a: 2, b: 1 } }],
  };
  const found = seriesOf([a, b, swapped as HistoryEntry]);
  expect(found.map(({ machineClass, points }) => [machineClass, points.map(({ value }) => value)])).toEqual([
    ['small', [4, 6]],
    ['large', [5]],
  ]);
});
