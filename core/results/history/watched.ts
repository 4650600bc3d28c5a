/** The few figures of each arm and experiment that say the most: alerts and trends use only these. Pure. */
import type { MetricInfo } from '../metrics/metric-info.ts';
import type { Metric } from '../metrics.ts';
import { METRICS } from '../metrics.ts';
import type { Figure } from '../schema.ts';
import { STANDARD_IN_FLIGHT } from '../standard-load.ts';

/** What both a figure and a series of a history say of themselves. */
export type Watchable = Pick<Figure, 'experiment' | 'arm' | 'factors' | 'metric'>;

/** Paired ratios, which drift least, and counts, which do not drift at all. */
const OF_TOLL: readonly Metric[] = ['total_cpu_ratio_to_baseline', 'request_bytes', 'redis_commands_per_request'];

/** The load at which `latency` is watched, in percent of capacity. */
const WATCHED_LOAD = 50;

/** Those of `all` that are to be watched, in their order. */
export function watched<Of extends Watchable>(all: readonly Of[]): Of[] {
  const rates = all.filter(isPlainThroughput);
  const most = Math.max(0, ...rates.map(({ factors }) => Number(factors.replicas)));
  return all.filter((one) => isWatched(one) || (isPlainThroughput(one) && one.factors.replicas === most));
}

function isWatched({ experiment, metric, factors }: Watchable): boolean {
  if (experiment === 'toll') {
    const { in_flight: inFlight = STANDARD_IN_FLIGHT, ...others } = factors;
    return OF_TOLL.includes(metric) && inFlight === STANDARD_IN_FLIGHT && Object.keys(others).length === 0;
  }
  if (experiment !== 'latency' || metric !== 'latency_us') return false;
  return factors.load_pct === WATCHED_LOAD && factors.quantile === 'p99' && factors.timing === 'corrected';
}

function isPlainThroughput({ experiment, metric, factors }: Watchable): boolean {
  if (experiment !== 'scale' || metric !== 'throughput_rps') return false;
  return Object.keys(factors).length === 1 && typeof factors.replicas === 'number';
}

/** Metrics that say what another one says: of the same operation, or with what queues before it left out. */
const SECOND_TO: Readonly<Partial<Record<Metric, true>>> = { primitive_us: true };
/** Two arms against each other say what each against the baseline says; and a comparison has two directions. */
const isComparison = (metric: Metric) => /_ratio_to_arm$/.test(metric);
/** Differences cross zero, where a percentage of change means nothing. */
function isDifference(metric: Metric): boolean {
  const { paired }: MetricInfo = METRICS[metric];
  return paired?.as === 'difference' || /(_toll|_gap|_unexplained|_overhead)(_|$)/.test(metric);
}

/** Whether a metric says something that no other one says, and of which a relative change means something. */
export function isIndependentMetric(metric: Metric): boolean {
  return !isDifference(metric) && !isComparison(metric) && SECOND_TO[metric] !== true;
}

/**
 * Whether a tracker that alerts on relative change can follow a figure: measured, better in one direction, above zero, and said
 * by no other figure.
 */
export function isTrackable(figure: Figure): boolean {
  const { metric, source, low, high, value, factors } = figure;
  if (source !== 'measured' || METRICS[metric].better === 'neither') return false;
  if (!isIndependentMetric(metric)) return false;
  // Timed from the actual send: the same requests without their wait.
  if (factors.timing === 'service') return false;
  const isItsOwnMeasure = value === 1 && low === 1 && high === 1 && METRICS[metric].unit !== 'commands';
  return low > 0 && !isItsOwnMeasure;
}
