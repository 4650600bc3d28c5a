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
/** The number of failed requests that a share of errors at its limit has, once any have been seen. */
const FAILED_REQUESTS = 5;
const MOST_SECONDS = 8;

/**
 * The smallest overload that a step near the limit must detect. With an overload of 2 %, the last request of a step waits for
 * 2 % of the step's time. So a step that is too short meets the objective at a rate that is not sustainable.
 */
const LEAST_OVERLOAD = 0.02;
/** Requests in flight vary by chance: a queue has grown if it has by more than this many times the root of all requests. */
const CHANCE = 3;

/** What a step is for. */
export interface StepAim {
  /** The rate is near the limit, where the step must detect a small overload. */
  readonly isNear: boolean;
  /** Requests have failed in this search, so the step must tell one share of errors from another. */
  readonly hasErrors: boolean;
}

const rarestOf = ({ latency }: Objective) => Math.min(1, ...latency.map(({ percentile }) => 1 - percentile / 100));

/** How long a step at this rate lasts, in ms: long enough for its highest percentile and its share of errors. */
export function stepMs(objective: Objective, ratePerSecond: number, { isNear, hasErrors }: StepAim): number {
  const { latency, errorsPercent } = objective;
  const slow = SLOW_REQUESTS / rarestOf(objective);
  const failed = hasErrors && (errorsPercent ?? 0) > 0 ? FAILED_REQUESTS / ((errorsPercent ?? 0) / 100) : 0;
  const growth = isNear ? Math.max(0, ...latency.map(({ limitMs }) => limitMs)) / 1000 / LEAST_OVERLOAD : 0;
  return 1000 * Math.min(MOST_SECONDS, Math.max(1, Math.max(slow, failed) / ratePerSecond, growth));
}

/** Whether a step had far fewer slow requests than a verdict on its percentile needs. */
export function isTooShort(slice: NewSlice, objective: Objective): boolean {
  return rarestOf(objective) * measure(slice, 'scheduled') < SLOW_REQUESTS / 2;
}

/** Requests without the expected response, in percent of those that were due. */
function errorsOf(slice: NewSlice): number {
  const scheduled = measure(slice, 'scheduled');
  return scheduled > 0 ? (100 * (slice.unexpected + slice.failed)) / scheduled : Number.NaN;
}

/** Whether requests were sent in time, and no queue of them has grown that latency does not show yet. */
function keepsUp(slice: NewSlice): boolean {
  const scheduled = measure(slice, 'scheduled');
  // Journals of earlier versions do not hold the requests in flight.
  const { in_flight_first = 0, in_flight_last = 0 } = slice.measures;
  const grown = in_flight_last - in_flight_first;
  const allowed = Math.max(LEAST_OVERLOAD * scheduled, CHANCE * Math.sqrt(scheduled));
  return measure(slice, 'sent_in_time') >= KEEPS_UP * scheduled && !(grown > allowed);
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

/** The replicas of an arm, and the cores left to them and to what they need. */
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

/** The meter of the machine and the run's own process share the servers' cores, so servers never have all of their time. */
const BUSY = 0.85;
/** A replica that uses more than one core by more than this has several threads: only all cores together limit it. */
const ONE_CORE = 1.25;

type ProcessCpu = 'replica_cpu_ns' | 'redis_cpu_ns' | 'companion_cpu_ns' | 'balancer_cpu_ns';

/** The cores that processes of a kind kept busy. */
const busyOf = ({ measures }: NewSlice, name: ProcessCpu) =>
  (measures[name] ?? 0) / (measures.cpu_wall_ns ?? Number.NaN);

/** Whether replicas may use more than a core each, as services with several threads do. */
export function hasSeveralThreads(slice: NewSlice, { replicas, cores }: Servers): boolean {
  return busyOf(slice, 'replica_cpu_ns') > ONE_CORE * Math.min(replicas, cores);
}

/**
 * What was saturated, whatever else was late; null if nothing was. Replicas, stores and companions share the cores that the
 * load generator leaves, so they may be full although no process is. Redis and companions count as one thread each.
 */
function limitOf(slice: NewSlice, servers: Servers): 'cpu' | 'redis' | 'companion' | null {
  const { replicas, cores } = servers;
  const [own, redis, companion, balancer] = (
    ['replica_cpu_ns', 'redis_cpu_ns', 'companion_cpu_ns', 'balancer_cpu_ns'] as const
  ).map((name) => busyOf(slice, name)) as [number, number, number, number];
  if (own >= BUSY * Math.min(replicas, cores) && !hasSeveralThreads(slice, servers)) return 'cpu';
  if (redis >= BUSY) return 'redis';
  if (companion >= BUSY && companion <= ONE_CORE) return 'companion';
  return own + redis + companion + balancer >= BUSY * cores ? 'cpu' : null;
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
