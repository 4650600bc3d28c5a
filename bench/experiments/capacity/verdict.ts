/**
 * Whether one step of load met the objective, and what broke if it did not. A step that the generator spoiled shows
 * neither. Pure.
 */
import { LatencyHistogram } from '../../../core/results/histogram.ts';
import type { Cause, LatencyClause, Objective } from '../../../core/thresholds/objective.ts';
import { measure, type NewSlice } from '../../measuring/slices.ts';

/**
 * The share of due requests that must be sent during the step; with less, the load exceeds what the server can handle.
 */
const KEEPS_UP = 0.99;

/** If fewer than this part of its requests were sent, a step does not represent its rate. */
const LEAST_SENT = 0.5;
/** With fewer expected arrivals than this, chance alone may halve them. */
const FEW_ARRIVALS = 20;

/** The number of slow requests behind a verdict on a percentile. */
const SLOW_REQUESTS = 20;
const MOST_SECONDS = 8;

/**
 * The smallest overload that a step near the limit must detect. With an overload of 2 %, the last request of a step waits for
 * 2 % of the step's time. So a step that is too short meets the objective at a rate that is not sustainable.
 */
const LEAST_OVERLOAD = 0.02;

/**
 * How long a step at this rate lasts, in ms: long enough for its highest percentile.
 * @param isNear whether the rate is near the limit, where the step must detect a small overload
 */
export function stepMs({ latency }: Objective, ratePerSecond: number, isNear: boolean): number {
  const rarest = Math.min(1, ...latency.map(({ percentile }) => 1 - percentile / 100));
  const enough = SLOW_REQUESTS / rarest / ratePerSecond;
  const growth = isNear ? Math.max(0, ...latency.map(({ limitMs }) => limitMs)) / 1000 / LEAST_OVERLOAD : 0;
  return 1000 * Math.min(MOST_SECONDS, Math.max(1, enough, growth));
}

/** Requests without the expected response, in percent of those that were due. */
function errorsOf(slice: NewSlice): number {
  const scheduled = measure(slice, 'scheduled');
  return scheduled > 0 ? (100 * (slice.unexpected + slice.failed)) / scheduled : Number.NaN;
}

function keepsUp(slice: NewSlice): boolean {
  return measure(slice, 'sent_in_time') >= KEEPS_UP * measure(slice, 'scheduled');
}

/** Lost requests and unexpected responses; those that timed out are in the histogram. */
function wrongOf({ unexpected, failed, measures }: NewSlice): number {
  return unexpected + failed - (measures.timed_out ?? 0) - (measures.unanswered ?? 0);
}

/**
 * Whether a percentile is within its limit. If the objective does not mention errors, the percentile is over all
 * requests that were due, and one without the expected response counts as late: a server that refuses quickly is not
 * fast.
 */
function isWithin(
  slice: NewSlice,
  records: LatencyHistogram,
  { percentile, limitMs }: LatencyClause,
  errorsPercent: number | null,
): boolean {
  const isAllowed = errorsPercent !== null || wrongOf(slice) === 0;
  // Wrong responses are among the records, and may be the fastest; lost requests are not.
  const wanted = (percentile / 100) * measure(slice, 'scheduled') + slice.unexpected;
  const level = isAllowed ? percentile : (100 * wanted) / records.count;
  return records.count > 0 && level <= 100 && records.percentile(level) / 1000 <= limitMs;
}

/** Whether roughly as many requests were due as the rate requires; Poisson arrivals vary. */
function wasScheduled(slice: NewSlice): boolean {
  const scheduled = measure(slice, 'scheduled');
  const expected = (measure(slice, 'asked_rate_rps') * slice.durationMs) / 1000;
  return scheduled > 0 && !(expected >= FEW_ARRIVALS && scheduled < LEAST_SENT * expected);
}

/** @returns whether a step met the objective; null if it cannot be judged */
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

/** `spoiled`: the load generator stalled or sent nothing, so the step says nothing about the servers. */
export type Verdict = 'met' | 'missed' | 'spoiled';

/** The replicas of an arm, and the cores left to them. Redis executes commands on one thread. */
export interface Servers {
  readonly replicas: number;
  readonly cores: number;
}

/** @param cores available to the run, including the load generator's */
export const serversOf = (replicas: number, cores: number): Servers => ({ replicas, cores: Math.max(1, cores - 1) });

/** A late generator makes a step harder to meet, never easier, so a step that met the objective is valid. */
export function verdictOf(slice: NewSlice, objective: Objective, servers: Servers): Verdict {
  const isMet = meets(slice, objective);
  if (isMet === true) return 'met';
  if (isMet === null) return 'spoiled';
  return limitOf(slice, servers) === null && isGenerators(slice, objective) ? 'spoiled' : 'missed';
}

const BUSY = 0.9;

/** The server process that was saturated, whatever else was late; null if none was. */
function limitOf(slice: NewSlice, { replicas, cores }: Servers): 'cpu' | 'redis' | null {
  const wallNs = measure(slice, 'cpu_wall_ns');
  if (measure(slice, 'replica_cpu_ns') / wallNs >= BUSY * Math.min(replicas, cores)) return 'cpu';
  return measure(slice, 'redis_cpu_ns') / wallNs >= BUSY ? 'redis' : null;
}

/**
 * Late sends may account for a miss if they are at least half as many as it takes, and at least half as late as the
 * limit.
 */
const HALF = 0.5;

/** Whether late sends by the generator may account for everything that a step missed. */
function isGenerators(slice: NewSlice, { latency, errorsPercent }: Objective): boolean {
  const late = measure(slice, 'generator_late');
  const [scheduled, inTime] = [measure(slice, 'scheduled'), measure(slice, 'sent_in_time')];
  const records = LatencyHistogram.decode(slice.histograms?.corrected ?? '');
  const given = (slice.measures.timed_out ?? 0) + (slice.measures.unanswered ?? 0);
  const allowed = ((errorsPercent ?? 0) / 100) * scheduled;
  // Late by less than half of a limit, they would have missed it anyway.
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

/** More than the objective allows; if it does not mention errors, more than lie beyond its percentile. */
function hasErrors(slice: NewSlice, { latency, errorsPercent }: Objective): boolean {
  if (errorsPercent !== null) return errorsOf(slice) > errorsPercent;
  const highest = Math.max(...latency.map(({ percentile }) => percentile));
  return 100 * wrongOf(slice) > (100 - highest) * measure(slice, 'scheduled');
}

const WAITED = 0.01;

/** The resource at its limit in a step that missed the objective. */
export function causeOf(slice: NewSlice, objective: Objective, servers: Servers): Exclude<Cause, 'generator'> {
  if (hasErrors(slice, objective) && keepsUp(slice)) return 'errors';
  const limit = limitOf(slice, servers);
  if (limit !== null) return limit;
  return measure(slice, 'connection_wait') > WAITED * measure(slice, 'scheduled') ? 'connections' : 'event-loop';
}
