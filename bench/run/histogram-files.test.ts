import { expect, it } from 'vitest';
import { LatencyHistogram } from '../../core/results/histogram.ts';
import type { Slice } from '../../core/results/schema.ts';
import { testSlice } from '../testing/slices.ts';
import { collectHistograms } from './histogram-files.ts';

function encoded(micros: number): string {
  const histogram = LatencyHistogram.empty();
  histogram.record(micros);
  return histogram.encode();
}

const slice = (micros: number, over: Partial<Slice>) =>
  testSlice({
    experiment: 'latency',
    arm: 'none',
    mode: 'open',
    factors: { load_pct: 50 },
    measures: { scheduled: 1 },
    histograms: { corrected: encoded(micros) },
    ...over,
  });

it('collects a cell’s histograms of all forks', () => {
  const collected = collectHistograms([slice(100, { fork: 0 }), slice(200, { fork: 1 })]);
  expect([...collected]).toEqual([['latency-none-load_pct=50-corrected', [encoded(100), encoded(200)]]]);
});

it('omits the slices that latency’s figures omit, and none of other experiments', () => {
  const stalled = slice(900, { block: 0, flags: ['machine-stalled'] });
  const again = slice(100, { block: 1 });
  expect([...collectHistograms([stalled, again]).values()]).toEqual([[encoded(100)]]);
  const elsewhere = [stalled, again].map((each) => ({ ...each, experiment: 'scale' }));
  expect([...collectHistograms(elsewhere).values()]).toEqual([[encoded(900), encoded(100)]]);
});
