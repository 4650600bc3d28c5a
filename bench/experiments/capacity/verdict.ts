/** Whether one step of load met the objective, and what broke where it did not. Pure. */
import { LatencyHistogram } from '../../../core/results/histogram.ts';
import type { Cause, LatencyClause, Objective } from '../../../core/thresholds/objective.ts';
import { measure, type NewSlice } from '../../measuring/slices.ts';

/**
 * The share of due requests that must be sent during the step; with less, the load exceeds what the server can handle.
 */
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

/** Requests without the answer that the contract asks for, in percent of those that were due. */
export function errorsOf(slice: NewSlice): number {
  const scheduled = measure(slice, 'scheduled');
  return scheduled > 0 ? (100 * (slice.unexpected + slice.failed)) / scheduled : Number.NaN;
}

export function keepsUp(slice: NewSlice): boolean {
  return measure(slice, 'sent_in_time') >= KEEPS_UP * measure(slice, 'scheduled');
}

/** Requests that were lost, or answered otherwise than the contract asks; those that were given up are in the histogram. */
function wrongOf({ unexpected, failed, measures }: NewSlice): number {
  return unexpected + failed - (measures.timed_out ?? 0) - (measures.unanswered ?? 0);
}

/**
 * Whether a percentile is within its limit. Where nothing was said of errors, it is that of all requests that were due, and
 * one that was not answered as the contract asks was not answered in time: a server that refuses quickly is not a fast one.
 */
function isWithin(
  slice: NewSlice,
  records: LatencyHistogram,
  { percentile, limitMs }: LatencyClause,
  errorsPercent: number | null,
): boolean {
  const isAllowed = errorsPercent !== null || wrongOf(slice) === 0;
  // Wrong answers are among the records, and may be the fastest; lost requests are not.
  const wanted = (percentile / 100) * measure(slice, 'scheduled') + slice.unexpected;
  const level = isAllowed ? percentile : (100 * wanted) / records.count;
  return records.count > 0 && level <= 100 && records.percentile(level) / 1000 <= limitMs;
}

/** @returns whether a step met the objective; null for one of which nothing can be said */
export function meets(slice: NewSlice, { latency, errorsPercent }: Objective): boolean | null {
  const encoded = slice.histograms?.corrected;
  if (slice.mode !== 'open' || encoded === undefined || !(measure(slice, 'scheduled') > 0)) return null;
  const records = LatencyHistogram.decode(encoded);
  return (
    keepsUp(slice) &&
    latency.every((clause) => isWithin(slice, records, clause, errorsPercent)) &&
    (errorsPercent === null || errorsOf(slice) <= errorsPercent)
  );
}

/** More than the objective allows; where it says nothing of errors, as many as lie beyond its percentile. */
function hasErrors(slice: NewSlice, { latency, errorsPercent }: Objective): boolean {
  if (errorsPercent !== null) return errorsOf(slice) > errorsPercent;
  const highest = Math.max(...latency.map(({ percentile }) => percentile));
  return 100 * wrongOf(slice) > (100 - highest) * measure(slice, 'scheduled');
}

const BUSY = 0.9;
const SENT_LATE = 0.01;

/** @param replicas of the arm; Redis executes commands on one thread */
export function causeOf(slice: NewSlice, objective: Objective, replicas: number, ownCores: number): Cause {
  const scheduled = measure(slice, 'scheduled');
  const wallNs = measure(slice, 'cpu_wall_ns');
  const busy = measure(slice, 'replica_cpu_ns') / wallNs;
  if (measure(slice, 'generator_late') > SENT_LATE * scheduled && !(busy >= BUSY * Math.min(replicas, ownCores))) {
    return 'generator';
  }
  if (hasErrors(slice, objective) && keepsUp(slice)) return 'errors';
  if (busy >= BUSY * Math.min(replicas, ownCores)) return 'cpu';
  if (measure(slice, 'redis_cpu_ns') / wallNs >= BUSY) return 'redis';
  if (measure(slice, 'connection_wait') > SENT_LATE * scheduled) return 'connections';
  return 'event-loop';
}
