/** The few most informative figures of each arm and experiment: alerts and trends use only these. Pure. */
import type { MetricInfo } from '../metrics/metric-info.ts';
import type { Metric } from '../metrics.ts';
import { METRICS } from '../metrics.ts';
import type { Figure } from '../schema.ts';
import { STANDARD_IN_FLIGHT } from '../standard-load.ts';

/** The properties shared by a figure and a series of a history. */
export type Watchable = Pick<Figure, 'experiment' | 'arm' | 'factors' | 'metric'> & {
  /** Of a series: each class has its own highest number of replicas. */
  readonly machineClass?: string;
};

/** Paired ratios, which drift least, and counts, which do not drift. */
const OF_TOLL: readonly Metric[] = ['total_cpu_ratio_to_baseline', 'request_bytes', 'redis_commands_per_request'];

/** The load at which `latency` is watched, in percent of capacity. */
const WATCHED_LOAD = 50;

/** The watched ones of `all`, in their order. */
export function watched<Of extends Watchable>(all: readonly Of[]): Of[] {
  const most = new Map<string | undefined, number>();
  for (const { machineClass, factors } of all.filter(isPlainThroughput)) {
    most.set(machineClass, Math.max(most.get(machineClass) ?? 0, Number(factors.replicas)));
  }
  const isMost = ({ machineClass, factors }: Watchable) => factors.replicas === most.get(machineClass);
  return all.filter((one) => isWatched(one) || (isPlainThroughput(one) && isMost(one)));
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

/** Metrics that repeat another one: for the same operation, or without its queueing. */
const SECOND_TO: Readonly<Partial<Record<Metric, true>>> = { primitive_us: true };
/** Ratios between two arms repeat their ratios to the baseline, and a comparison has two directions. */
const isComparison = (metric: Metric) => /_ratio_to_arm$/.test(metric);
/** Differences cross zero, where a relative change has no meaning. */
function isDifference(metric: Metric): boolean {
  const { paired }: MetricInfo = METRICS[metric];
  return paired?.as === 'difference' || /(_toll|_difference|_gap|_unexplained|_overhead)(_|$)/.test(metric);
}

/** Whether a metric repeats no other one and a relative change of it has a meaning. */
export function isIndependentMetric(metric: Metric): boolean {
  return !isDifference(metric) && !isComparison(metric) && SECOND_TO[metric] !== true;
}

/** Whether a series is judged without being asked for: a metric of its own, timed so that it includes all waiting. */
export const isJudged = ({ metric, factors }: Pick<Figure, 'metric' | 'factors'>): boolean =>
  isIndependentMetric(metric) && factors.timing !== 'service';

/**
 * Whether a tracker that alerts on relative change can follow a figure: measured, with a better direction, above
 * zero, and not repeated by another figure.
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
