import { describe, expect, it } from 'vitest';
import { LatencyHistogram } from '../../core/results/histogram.ts';
import type { Slice } from '../../core/results/schema.ts';
import { estimateRatioOfSums } from '../../core/stats/estimate.ts';
import { createRandom } from '../../core/stats/random.ts';
import { testContext, testSlice } from '../testing/slices.ts';
import { Cell, type CellParts } from './cell.ts';
import { seedsOf } from './seeds.ts';

const slice = (over: Partial<Slice>) => testSlice({ experiment: 'toll', arm: 'jwt-hs256', ...over });
const subject = { experiment: 'toll', arm: 'jwt-hs256', factors: { in_flight: 10 } };
const seeds = seedsOf(testContext, 'toll jwt-hs256');
const cell = (slices: readonly Slice[], more: Partial<CellParts> = {}) => new Cell({ subject, slices, seeds, ...more });

/** CPU time per request in µs, of 100 requests. */
const cpu = (us: number, over: Partial<Slice> = {}) => slice({ measures: { replica_cpu_ns: us * 1e5 }, ...over });

function histogram(...micros: number[]): string {
  const made = LatencyHistogram.empty();
  for (const each of micros) made.record(each);
  return made.encode();
}

describe('a quotient', () => {
  it('is a sum divided by a sum, so that a slice is weighted by its size', () => {
    const [figure] = cell([
      slice({ requests: 100, measures: { replica_cpu_ns: 3e6 } }),
      slice({ requests: 300, block: 1, measures: { replica_cpu_ns: 18e6 } }),
    ]).quotient('cpu_us_per_request');
    // 3,000 µs and 18,000 µs over 400 requests.
    expect(figure?.value).toBeCloseTo(52.5, 10);
    expect(figure).toMatchObject({ ...subject, metric: 'cpu_us_per_request', unit: 'µs', blocks: 2, forks: 1 });
  });

  it('divides expected responses by seconds', () => {
    const [figure] = cell([slice({ durationMs: 500, requests: 60, unexpected: 10 })]).quotient('throughput_rps');
    expect(figure?.value).toBe(100);
  });

  it('multiplies and scales as the metric declares', () => {
    // Two replicas of 0.2 cores for 100 ms may use 40 ms; 100 requests took 30 ms, so 133⅓ fit into the time there was.
    const shares = slice({
      factors: { replicas: 2 },
      durationMs: 100,
      measures: { replica_cpu_ns: 30e6, replica_share_cores: 0.2 },
    });
    expect(cell([shares]).quotient('replica_utilisation')[0]?.value).toBeCloseTo(75, 10);
    expect(cell([shares]).quotient('capacity_rps')[0]?.value).toBeCloseTo(4000 / 3, 8);
  });

  it('omits slices that lack a measure, or gives no figure', () => {
    const some = [cpu(30), slice({ block: 1 }), slice({ block: 2, requests: 0, measures: { replica_cpu_ns: 1e6 } })];
    expect(cell(some).quotient('cpu_us_per_request')).toMatchObject([{ value: 30, blocks: 1 }]);
    expect(cell(some, { incomplete: 'no-figure' }).quotient('cpu_us_per_request')).toEqual([]);
    expect(cell([slice({})]).quotient('cpu_us_per_request')).toEqual([]);
    expect(cell([]).quotient('throughput_rps')).toEqual([]);
  });

  it('has an interval from the seed of its label', () => {
    const costs = Array.from({ length: 30 }, (_, block) => 20 + ((block * 7) % 13) + block / 10);
    const blocks = costs.map((us, block) => cpu(us, { block }));
    const seed = createRandom(testContext.config.seed)
      .derive('toll jwt-hs256 cpu_us_per_request')
      .integer(2 ** 31);
    const parts = costs.map((us) => ({ numerator: (us * 1e5) / 1000, denominator: 100 }));
    const { value, low, high } = estimateRatioOfSums([parts], { seed });
    expect(cell(blocks).quotient('cpu_us_per_request')).toMatchObject([{ value, low, high }]);
    expect(cell(blocks).quotient('cpu_us_per_request', { label: 'other' })[0]?.low).not.toBe(low);
  });

  it('has variants, selected by a factor', () => {
    // 4 in flight for half a second, 200 answered: 10 ms each by Little's law.
    const closed = cell([slice({ factors: { in_flight: 4 }, durationMs: 500, requests: 200 })]);
    const [figure] = closed.variant('latency_us', 'mean', { factors: { quantile: 'mean' } });
    expect(figure).toMatchObject({ value: 10_000, factors: { in_flight: 10, quantile: 'mean' } });
    expect(() => closed.variant('latency_us', 'median')).toThrow('latency_us has no variant median');
  });
});

describe('a comparison within blocks', () => {
  const baselines = [cpu(30, { arm: 'none' }), cpu(25, { arm: 'none', block: 1 }), cpu(99, { arm: 'none', fork: 7 })];

  it('is the mean difference or the geometric mean ratio of the declared quotient', () => {
    const own = cell([cpu(60), cpu(50, { block: 1 }), cpu(1000, { block: 2 })], { baselines });
    expect(own.paired('cpu_ratio_to_baseline')).toMatchObject([{ value: 2, low: 2, high: 2, blocks: 2, unit: '×' }]);
    // 30 and 25 µs.
    expect(own.paired('cpu_toll_us')).toMatchObject([{ value: 27.5, blocks: 2 }]);
    expect(own.paired('cpu_toll_us')).toMatchObject([{ unit: 'µs' }]);
  });

  it('has the flags of both sides', () => {
    const cold = baselines.map((one): Slice => ({ ...one, flags: ['not-warm'] }));
    const own = cell([cpu(60, { flags: ['redis-shared'] })], { baselines: cold });
    expect(own.paired('cpu_ratio_to_baseline')[0]?.flags).toEqual(['not-warm', 'one-fork', 'redis-shared']);
    expect(own.paired('cpu_toll_us', { flags: [] })[0]?.flags).toEqual(['one-fork']);
    expect(own.quotient('cpu_us_per_request')[0]?.flags).toEqual(['one-fork', 'redis-shared']);
  });

  it('may be with arms other than the baseline', () => {
    const own = cell([cpu(60)], { baselines });
    expect(own.paired('scheme_ratio', {}, [cpu(20, { arm: 'other' })])).toMatchObject([{ value: 3 }]);
  });

  it('is empty if no block has both', () => {
    expect(cell([cpu(60, { block: 5 })], { baselines }).paired('cpu_toll_us')).toEqual([]);
    expect(cell([cpu(60)]).paired('cpu_toll_us')).toEqual([]);
  });
});

describe('other figures', () => {
  it('takes the mean over slices that have the measure', () => {
    const slices = [
      slice({ measures: { expiry_ms: 4 } }),
      slice({ block: 1, measures: { expiry_ms: 8 } }),
      slice({ fork: 1 }),
    ];
    expect(cell(slices).mean('expiry_ms', 'expiry_ms')).toMatchObject([{ value: 6, blocks: 2, forks: 1 }]);
    expect(cell(slices).mean('expiry_ms', ({ block }) => block)).toMatchObject([{ blocks: 3, forks: 2 }]);
    expect(cell(slices).mean('expiry_ms', 'keys')).toEqual([]);
  });

  it('takes the geometric mean of each slice’s quantile, for the levels that the records support', () => {
    const slices = [100, 400].map((micros, block) =>
      slice({ block, histograms: { lookup: histogram(micros, micros, micros, micros) } }),
    );
    const figures = cell(slices).quantiles('lookup_us', 'lookup', { levels: [50, 75, 90], recordsBeyond: 1 });
    // Of four records, one lies beyond p75, and 0.4 beyond p90.
    expect(figures.map(({ factors }) => factors)).toEqual([
      { in_flight: 10, quantile: 'p50' },
      { in_flight: 10, quantile: 'p75' },
    ]);
    expect(figures[0]?.value).toBeCloseTo(200, 8);
  });

  it('ignores empty histograms', () => {
    const slices = [histogram(), histogram(9, 9)].map((lookup, block) => slice({ block, histograms: { lookup } }));
    const [figure] = cell(slices).quantiles('lookup_us', 'lookup', { levels: [50], recordsBeyond: 1 });
    expect(figure).toMatchObject({ value: 9, blocks: 1 });
    expect(cell(slices.slice(0, 1)).quantiles('lookup_us', 'lookup', { levels: [50], recordsBeyond: 0 })).toEqual([]);
  });

  it('gives a share in percent with Wilson’s interval, over all slices', () => {
    const [figure] = cell([slice({}), slice({ fork: 1 })]).share('fail_open_pct', 8, 10);
    // Wilson (1927) for 8 of 10: 0.490 to 0.943.
    expect(figure).toMatchObject({ value: 80, blocks: 2, forks: 2, unit: '%' });
    expect(figure?.low).toBeCloseTo(49.02, 2);
    expect(figure?.high).toBeCloseTo(94.33, 2);
    expect(cell([slice({})]).share('fail_open_pct', 0, 0)).toEqual([]);
  });

  it('gives a count without a width, and needs no second start if it is exact', () => {
    const once = cell([slice({})]);
    expect(once.counted('requests_lost', 7)).toMatchObject({ value: 7, low: 7, high: 7, flags: ['one-fork'] });
    expect(once.counted('requests_lost', 7, { isExact: true }).flags).toEqual([]);
  });
});

describe('flags', () => {
  it('are those of the slices and the cell’s own, sorted, unless others are given', () => {
    const flagged = cell([slice({ flags: ['oversubscribed'] }), slice({ fork: 1, flags: ['cpu-stolen'] })], {
      flags: ['calibration-missing'],
    });
    expect(flagged.counted('requests_lost', 1).flags).toEqual(['calibration-missing', 'cpu-stolen', 'oversubscribed']);
    expect(flagged.counted('requests_lost', 1, { flags: ['unpaired'] }).flags).toEqual(['unpaired']);
  });

  it('follow the slices if a cell is narrowed to some of them', () => {
    const slices = [slice({ flags: ['oversubscribed'] }), slice({ fork: 1 })];
    expect(cell(slices).of(slices.slice(1)).flags).toEqual([]);
  });
});

describe('turns of two lengths, each of which costs c + b·n', () => {
  /** @param pace how slow the machine is in this block */
  const turns = (arm: string, block: number, { c, b }: { c: number; b: number }, pace: number) =>
    slice({
      arm,
      block,
      requests: 4 * 350,
      measures: {
        replica_cpu_ns: pace * (8 * c + 4 * 350 * b),
        short_turns: 4,
        short_requests: 4 * 50,
        short_replica_cpu_ns: pace * 4 * (c + 50 * b),
        long_turns: 4,
        long_requests: 4 * 300,
        long_replica_cpu_ns: pace * 4 * (c + 300 * b),
      },
    });
  const blocks = [1, 1.7, 0.8, 2.1];
  const mean = blocks.reduce((sum, pace) => sum + pace, 0) / blocks.length;
  const own = { c: 500_000, b: 60_000 };
  const baselines = blocks.map((pace, block) => turns('none', block, { c: 300_000, b: 15_000 }, pace));
  const found = cell(
    blocks.map((pace, block) => turns('a', block, own, pace)),
    { baselines },
  );

  it('give b as the cost of a request and c as that of a cold turn', () => {
    expect(found.quotient('cpu_us_per_request')[0]?.value).toBeCloseTo(60 * mean, 8);
    expect(found.quotient('cold_turn_us')[0]?.value).toBeCloseTo(500 * mean, 6);
  });

  it('give the ratio of b, whatever c and the machine’s drift', () => {
    const [ratio] = found.paired('cpu_ratio_to_baseline');
    for (const part of [ratio?.value, ratio?.low, ratio?.high]) expect(part).toBeCloseTo(4, 9);
  });
});
