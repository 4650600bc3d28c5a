/** Whether one step of load met the objective, and what broke where it did not. Pure. */
import { LatencyHistogram } from '../../../core/results/histogram.ts';
import type { Slice } from '../../../core/results/schema.ts';
import type { Cause, Objective } from '../../../core/thresholds/objective.ts';
import { measure } from '../../measuring/slices.ts';

/** Of the requests that were due, this share has to be sent while the step lasts, or the load is more than is served. */
const KEEPS_UP = 0.99;

/** Slow requests of a step that a verdict on its percentile rests on. */
const SLOW_REQUESTS = 20;
const MOST_SECONDS = 8;

/** How long a step at this rate lasts, in ms: long enough for its highest percentile, and for a queue to show. */
export function stepMs({ latency }: Objective, ratePerSecond: number): number {
  const rarest = Math.min(1, ...latency.map(({ percentile }) => 1 - percentile / 100));
  const seconds = SLOW_REQUESTS / rarest / ratePerSecond;
  return 1000 * Math.min(MOST_SECONDS, Math.max(1, seconds));
}

export interface Verdict {
  readonly isMet: boolean;
  /** By how much of its limit the worst clause was used: above 1 where the objective is missed. */
  readonly used: number;
}

/** Requests without the answer that the contract asks for, in percent of those that were due. */
export function errorsOf(slice: Slice): number {
  const scheduled = measure(slice, 'scheduled');
  return scheduled > 0 ? (100 * (slice.unexpected + slice.failed)) / scheduled : Number.NaN;
}

export function keepsUp(slice: Slice): boolean {
  return measure(slice, 'sent_in_time') >= KEEPS_UP * measure(slice, 'scheduled');
}

/** @returns null for a step of which nothing can be said */
export function verdictOf(slice: Slice, objective: Objective): Verdict | null {
  const encoded = slice.histograms?.corrected;
  if (slice.mode !== 'open' || encoded === undefined || !(measure(slice, 'scheduled') > 0)) return null;
  const records = LatencyHistogram.decode(encoded);
  const errors = errorsOf(slice);
  const used = Math.max(
    0,
    ...objective.latency.map(({ percentile, limitMs }) => records.percentile(percentile) / 1000 / limitMs),
    objective.errorsPercent === null ? 0 : ofLimit(errors, objective.errorsPercent),
  );
  const isMet = used <= 1 && keepsUp(slice);
  return { isMet, used: isMet ? used : Math.max(used, 1 + Number.EPSILON) };
}

/** Of a limit of none at all, any is too much. */
function ofLimit(value: number, limit: number): number {
  if (value === 0) return 0;
  return limit === 0 ? Number.POSITIVE_INFINITY : value / limit;
}

const BUSY = 0.9;
const SENT_LATE = 0.01;

/** @param replicas of the arm; Redis executes commands on one thread */
export function causeOf(slice: Slice, objective: Objective, replicas: number, ownCores: number): Cause {
  const scheduled = measure(slice, 'scheduled');
  const wallNs = measure(slice, 'cpu_wall_ns');
  const busy = measure(slice, 'replica_cpu_ns') / wallNs;
  if (measure(slice, 'generator_late') > SENT_LATE * scheduled && !(busy >= BUSY * Math.min(replicas, ownCores))) {
    return 'generator';
  }
  if (objective.errorsPercent !== null && errorsOf(slice) > objective.errorsPercent && keepsUp(slice)) return 'errors';
  if (busy >= BUSY * Math.min(replicas, ownCores)) return 'cpu';
  if (measure(slice, 'redis_cpu_ns') / wallNs >= BUSY) return 'redis';
  if (measure(slice, 'connection_wait') > SENT_LATE * scheduled) return 'connections';
  return 'event-loop';
}
