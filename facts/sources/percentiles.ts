/** Quantiles that tools print according to their documentation and tests, for each of the nine usual definitions. */
import { LatencyHistogram } from '../../core/results/histogram.ts';
import { type QuantileType, quantile } from '../../core/stats/location.ts';
import { type Fact, printedTo, type Source } from '../fact.ts';
import { RIVERS } from './rivers.ts';

const interpolated = (
  values: readonly number[],
  name: string,
  probability: number,
  published: number,
  decimals = 6,
  type: QuantileType = 7,
): Fact => ({
  what: `${name}, ${probability * 100} %`,
  published,
  tolerance: printedTo(decimals),
  ours: () => quantile(values, probability, type),
});

/** The same quantile by each of the nine types, in their order. */
const byType = (
  values: readonly number[],
  name: string,
  probability: number,
  published: readonly number[],
  decimals = 5,
): Fact[] =>
  published.map((value, i) => {
    const type = (i + 1) as QuantileType;
    return interpolated(values, `type ${type}: ${name}`, probability, value, decimals, type);
  });

/** Wafers of the example in the NIST/SEMATECH Engineering Statistics Handbook, section 7.2.6.2. */
const WAFERS = [
  95.1772, 95.1567, 95.1937, 95.1959, 95.1442, 95.061, 95.1591, 95.1195, 95.1772, 95.0925, 95.199, 95.1682,
];
/** The example of Python's statistics.quantiles. */
const PYTHON = [
  105, 129, 87, 86, 111, 111, 89, 81, 108, 92, 110, 100, 75, 105, 103, 109, 76, 119, 99, 91, 103, 129, 106, 101, 84,
  111, 74, 87, 86, 103, 103, 106, 86, 111, 75, 87, 102, 121, 111, 88, 89, 101, 106, 95, 103, 107, 101, 81, 109, 104,
];

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

const SERIES = Array.from({ length: 1000 }, (_, i) => i);
const RANKS = [15, 20, 35, 40, 50];
/**
 * HdrHistogram's own example: 10,000 answers within a millisecond, and one pause of 100 s. In milliseconds, since the
 * histogram ends at 60,000,000 units.
 */
const STALL = [...Array.from({ length: 10_000 }, () => 1), 100_000];

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
    subject: 'quantiles, all nine types',
    source: 'Apache Commons Statistics: PercentileTest, checked against R; NIST’s wafers at 90 %',
    facts: [
      ...byType([1, 3, 2, 4], '{1, 3, 2, 4}', 0.3, [2, 2, 1, 1.2, 1.7, 1.5, 1.9, 1.63333, 1.65]),
      ...byType([1, 3, 2, 4], '{1, 3, 2, 4}', 0.25, [1, 1.5, 1, 1, 1.5, 1.25, 1.75, 1.41667, 1.4375]),
      ...byType([1, 3, 2, 4], '{1, 3, 2, 4}', 0.75, [3, 3.5, 3, 3, 3.5, 3.75, 3.25, 3.58333, 3.5625]),
      ...byType([1, 3, 2, 4], '{1, 3, 2, 4}', 0.5, [2, 2.5, 2, 2, 2.5, 2.5, 2.5, 2.5, 2.5]),
      ...byType([1, 2, 3], '{1, 2, 3}', 0.75, [3, 3, 2, 2.25, 2.75, 3, 2.5, 2.83333, 2.8125]),
      ...byType([0, 1], '{0, 1}', 0.25, [0, 0, 0, 0, 0, 0, 0.25, 0, 0]),
      ...byType(
        WAFERS,
        'wafers',
        0.9,
        [95.1959, 95.1959, 95.1959, 95.19546, 95.19683, 95.19807, 95.19568, 95.19724, 95.19714],
        4,
      ),
    ],
  },
  {
    subject: 'quantiles, by the mean of ranks (type 6)',
    source: 'Microsoft: documentation of PERCENTILE.EXC and QUARTILE.EXC, their examples',
    facts: [
      interpolated([1, 2, 3, 6, 6, 6, 7, 8, 9], 'PERCENTILE.EXC({1,2,3,6,6,6,7,8,9})', 0.25, 2.5, 1, 6),
      interpolated([6, 7, 15, 36, 39, 40, 41, 42, 43, 47, 49], 'QUARTILE.EXC, eleven numbers', 0.25, 15, 1, 6),
    ],
  },
  {
    subject: 'quantiles, by the mean of ranks (type 6)',
    source: 'Python: documentation of statistics.quantiles(data, n=10), rounded',
    facts: [81, 86.2, 89, 99.4, 102.5, 103.6, 106, 109.8, 111].map((published, i) =>
      interpolated(PYTHON, 'statistics.quantiles', (i + 1) / 10, published, 1, 6),
    ),
  },
  {
    subject: 'quantiles, nearest rank',
    source: 'R 4.2.2: quantile(rivers, type = 1)',
    facts: [
      nearestRank(RIVERS, 50, 425),
      nearestRank(RIVERS, 90, 1054),
      nearestRank(RIVERS, 95, 1450),
      nearestRank(RIVERS, 99, 2533),
    ],
  },
  {
    subject: 'quantiles, nearest rank',
    source:
      'PostgreSQL: percentile_disc within group (order by x) from generate_series(0, 999) x, {{NULL,999,499},{749,249,NULL}}',
    facts: [
      ...[
        [1, 999],
        [0.5, 499],
        [0.75, 749],
        [0.25, 249],
      ].map(([probability = 0, published = 0]) =>
        interpolated(SERIES, 'percentile_disc', probability, published, 6, 1),
      ),
      nearestRank(SERIES, 75, 749),
      nearestRank(SERIES, 25, 249),
    ],
  },
  {
    subject: 'quantiles, nearest rank',
    source: 'Apache Commons Statistics: PercentileTest, type R_1 of {1, 3, 2, 4}, by the histogram',
    facts: [nearestRank([1, 3, 2, 4], 30, 2), nearestRank([1, 3, 2, 4], 25, 1), nearestRank([1, 3, 2, 4], 75, 3)],
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
    source: 'Tene, HdrHistogram: HistogramDataAccessTest, raw data with one pause of 100 s, in ms',
    facts: [30, 99, 99.99]
      .map((percentile) => nearestRank(STALL, percentile, 1))
      .concat([99.999, 100].map((percentile) => nearestRank(STALL, percentile, 100_000))),
  },
];
