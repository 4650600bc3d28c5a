/** Quantiles that five tools print according to their documentation, for the two definitions that are used here. */
import { LatencyHistogram } from '../../core/results/histogram.ts';
import { quantile } from '../../core/stats/location.ts';
import { type Fact, printedTo, type Source } from '../fact.ts';
import { RIVERS } from './rivers.ts';

const interpolated = (
  values: readonly number[],
  name: string,
  probability: number,
  published: number,
  decimals = 6,
): Fact => ({
  what: `${name}, ${probability * 100} %`,
  published,
  tolerance: printedTo(decimals),
  ours: () => quantile(values, probability),
});

/** The smallest value that at least this share of all values does not exceed, as histograms count. */
function nearestRank(values: readonly number[], percentile: number, published: number): Fact {
  return {
    what: `nearest rank, ${percentile} % of ${values.length} values`,
    published,
    // The histogram has a resolution of 1 µs up to 2,047 µs, and of 0.1 % above.
    tolerance: published < 2048 ? 0 + Number.EPSILON : published / 1000,
    ours: () => {
      const histogram = LatencyHistogram.empty();
      for (const value of values) histogram.record(value);
      return histogram.percentile(percentile);
    },
  };
}

const RANKS = [15, 20, 35, 40, 50];
/**
 * One long stall among ten thousand requests: HdrHistogram's own example, at a tenth of its size to stay within a
 * minute.
 */
const STALL = [...Array.from({ length: 10_000 }, () => 100), 10_000_000];

export const PERCENTILES: readonly Source[] = [
  {
    subject: 'quantiles, interpolated',
    source: 'R 4.2.2: quantile(rivers, type = 7)',
    facts: [
      interpolated(RIVERS, 'rivers', 0.05, 230),
      interpolated(RIVERS, 'rivers', 0.25, 310),
      interpolated(RIVERS, 'rivers', 0.5, 425),
      interpolated(RIVERS, 'rivers', 0.9, 1054),
      interpolated(RIVERS, 'rivers', 0.95, 1450),
      interpolated(RIVERS, 'rivers', 0.99, 2459),
    ],
  },
  {
    subject: 'quantiles, interpolated',
    source: 'Microsoft: documentation of PERCENTILE.INC, its example',
    facts: [interpolated([1, 3, 2, 4], 'PERCENTILE.INC({1,3,2,4})', 0.3, 1.9, 1)],
  },
  {
    subject: 'quantiles, interpolated',
    source: 'NumPy: documentation of numpy.percentile, its examples',
    facts: [
      interpolated([10, 7, 4, 3, 2, 1], 'numpy.percentile([[10, 7, 4], [3, 2, 1]])', 0.5, 3.5, 1),
      interpolated([10, 7, 4], 'its first row', 0.5, 7, 1),
      interpolated([3, 2, 1], 'its second row', 0.5, 2, 1),
    ],
  },
  {
    subject: 'quantiles, nearest rank',
    source: 'R 4.2.2: quantile(rivers, type = 1), as PostgreSQL’s percentile_disc defines it',
    facts: [
      nearestRank(RIVERS, 50, 425),
      nearestRank(RIVERS, 90, 1054),
      nearestRank(RIVERS, 95, 1450),
      nearestRank(RIVERS, 99, 2533),
    ],
  },
  {
    subject: 'quantiles, nearest rank',
    source: 'Wikipedia: Percentile, the nearest-rank method, worked example 1',
    facts: [
      nearestRank(RANKS, 5, 15),
      nearestRank(RANKS, 30, 20),
      nearestRank(RANKS, 40, 20),
      nearestRank(RANKS, 50, 35),
      nearestRank(RANKS, 100, 50),
    ],
  },
  {
    subject: 'latency histogram',
    source: 'Tene, HdrHistogram: its test of raw data with one stall, at a tenth of the values',
    facts: [30, 99, 99.99]
      .map((percentile) => nearestRank(STALL, percentile, 100))
      .concat([99.999, 100].map((percentile) => nearestRank(STALL, percentile, 10_000_000))),
  },
];
