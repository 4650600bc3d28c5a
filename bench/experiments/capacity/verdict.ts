/** Whether one step of load met the objective, and what broke where it did not. What the generator spoiled says neither. Pure. */
import { LatencyHistogram } from '../../../core/results/histogram.ts';
import type { Cause, LatencyClause, Objective } from '../../../core/thresholds/objective.ts';
import { measure, type NewSlice } from '../../measuring/slices.ts';

/**
 * The share of due requests that must be sent during the step; with less, the load exceeds what the server can handle.
 */
const KEEPS_UP = 0.99;

/** Fewer than this part of the requests that a step was to send are no step of that rate. */
const LEAST_SENT = 0.5;
/** With fewer expected arrivals than this, chance alone may halve them. */
const FEW_ARRIVALS = 20;

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

/** Whether about as many requests were due as its rate and its time make; the arrivals of a Poisson process vary. */
function wasScheduled(slice: NewSlice): boolean {
  const scheduled = measure(slice, 'scheduled');
  const expected = (measure(slice, 'asked_rate_rps') * slice.durationMs) / 1000;
  return scheduled > 0 && !(expected >= FEW_ARRIVALS && scheduled < LEAST_SENT * expected);
}

/** @returns whether a step met the objective; null for one of which nothing can be said */
export function meets(slice: NewSlice, { latency, errorsPercent }: Objective): boolean | null {
  const encoded = slice.histograms?.corrected;
  if (slice.mode !== 'open' || encoded === undefined || !wasScheduled(slice)) return null;
  const records = LatencyHistogram.decode(encoded);
  return (
    keepsUp(slice) &&
    latency.every((clause) => isWithin(slice, records, clause, errorsPercent)) &&
    (errorsPercent === null || errorsOf(slice) <= errorsPercent)
  );
}

/** `spoiled`: the load generator stood still, or sent nothing, so that the step says nothing of the servers. */
export type Verdict = 'met' | 'missed' | 'spoiled';

/** What serves an arm: its replicas, and the cores that are left to them. Redis executes commands on one thread. */
export interface Servers {
  readonly replicas: number;
  readonly cores: number;
}

/** @param cores that the run may use, one of which the load generator has */
export const serversOf = (replicas: number, cores: number): Servers => ({ replicas, cores: Math.max(1, cores - 1) });

/** A generator that is late makes a step harder to meet, never easier: one that met the objective did. */
export function verdictOf(slice: NewSlice, objective: Objective, servers: Servers): Verdict {
  const isMet = meets(slice, objective);
  if (isMet === true) return 'met';
  if (isMet === null) return 'spoiled';
  return limitOf(slice, servers) === null && isGenerators(slice, objective) ? 'spoiled' : 'missed';
}

const BUSY = 0.9;

/** What of the servers was busy nearly all the time, whatever else was late; null if nothing was. */
function limitOf(slice: NewSlice, { replicas, cores }: Servers): 'cpu' | 'redis' | null {
  const wallNs = measure(slice, 'cpu_wall_ns');
  if (measure(slice, 'replica_cpu_ns') / wallNs >= BUSY * Math.min(replicas, cores)) return 'cpu';
  return measure(slice, 'redis_cpu_ns') / wallNs >= BUSY ? 'redis' : null;
}

/** Late sends may account for a miss where they are at least half as many as it takes, and half as late as the limit. */
const HALF = 0.5;

/** Whether late sends by the generator may account for everything that a step missed. */
function isGenerators(slice: NewSlice, { latency, errorsPercent }: Objective): boolean {
  const late = measure(slice, 'generator_late');
  const [scheduled, inTime] = [measure(slice, 'scheduled'), measure(slice, 'sent_in_time')];
  const records = LatencyHistogram.decode(slice.histograms?.corrected ?? '');
  const given = (slice.measures.timed_out ?? 0) + (slice.measures.unanswered ?? 0);
  const allowed = ((errorsPercent ?? 0) / 100) * scheduled;
  // Sent late by less than half of a limit, they would not have been within it either.
  const isLateBy = (limitMs: number) => !(measure(slice, 'generator_late_max_us') < HALF * limitMs * 1000);
  const missed: boolean[] = latency
    .filter((clause) => !isWithin(slice, records, clause, errorsPercent))
    .map(
      ({ percentile, limitMs }) => late >= HALF * (1 - percentile / 100) * scheduled && late > 0 && isLateBy(limitMs),
    );
  if (!keepsUp(slice)) missed.push(late >= HALF * (scheduled - inTime));
  if (errorsPercent !== null && errorsOf(slice) > errorsPercent) {
    missed.push(wrongOf(slice) <= allowed && late >= HALF * given);
  }
  return missed.every((accounted) => accounted);
}

/** More than the objective allows; where it says nothing of errors, as many as lie beyond its percentile. */
function hasErrors(slice: NewSlice, { latency, errorsPercent }: Objective): boolean {
  if (errorsPercent !== null) return errorsOf(slice) > errorsPercent;
  const highest = Math.max(...latency.map(({ percentile }) => percentile));
  return 100 * wrongOf(slice) > (100 - highest) * measure(slice, 'scheduled');
}

const WAITED = 0.01;

/** What was at its limit in a step that missed the objective. */
export function causeOf(slice: NewSlice, objective: Objective, servers: Servers): Exclude<Cause, 'generator'> {
  if (hasErrors(slice, objective) && keepsUp(slice)) return 'errors';
  const limit = limitOf(slice, servers);
  if (limit !== null) return limit;
  return measure(slice, 'connection_wait') > WAITED * measure(slice, 'scheduled') ? 'connections' : 'event-loop';
}
