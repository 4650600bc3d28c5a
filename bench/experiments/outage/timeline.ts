/**
 * Turns records of requests into the measures of a slice: a timeline in bins, counts by phase, and the moments of
 * change. Pure.
 */

import type { Measures, MeasuresDraft } from '../../../core/results/measures.ts';
import type { Timeline } from '../../../core/results/recorded/timeline.ts';
import { median } from '../../../core/stats/location.ts';
import { OUTCOMES, type Outcome, type StreamRecord } from '../../load/timeline/protocol.ts';

export interface Fault {
  /** Time of the fault, on the clock of the records. */
  readonly fromMs: number;
  /** When its restoration began: from then on it may respond at any moment. Default `toMs`. */
  readonly awayToMs?: number;
  /** Time of its repair; null if it was not repaired. */
  readonly toMs: number | null;
}

export interface Request {
  readonly dueMs: number;
  readonly waitMs: number;
  /** Null if it was unknown at the end. */
  readonly outcome: Outcome | null;
}

const BIN_MS = 100;
/** Responses within this time of the failure may come from the replica's own cache, and do not count as survival. */
const GRACE_MS = 1_200;
/** The last part of the observation, which shows what is lost permanently. */
const END_MS = 500;

export function requestsOf({ dueMs, waitMs, outcome }: StreamRecord): Request[] {
  return dueMs.map((due, i) => ({ dueMs: due, waitMs: waitMs[i] ?? 0, outcome: OUTCOMES[outcome[i] ?? -1] ?? null }));
}

/** Whether the service answered: refusing a credential is an answer, too. */
const isServed = ({ outcome }: Request) => outcome === 'accepted' || outcome === 'refused' || outcome === 'forbidden';
const isAccepted = ({ outcome }: Request) => outcome === 'accepted';

export function timelineOf(requests: readonly Request[], { fromMs, toMs }: Fault): Timeline {
  const last = requests.reduce((most, { dueMs }) => Math.max(most, dueMs), 0);
  const bins = Array.from({ length: Math.floor(last / BIN_MS) + 1 }, (): Request[] => []);
  for (const request of requests) bins[Math.floor(request.dueMs / BIN_MS)]?.push(request);
  const count = (outcome: Outcome) => bins.map((bin) => bin.filter((request) => request.outcome === outcome).length);
  const waits = bins.map((bin) => bin.filter(({ outcome }) => outcome !== null).map(({ waitMs }) => waitMs));
  const rounded = (ms: number) => Math.round(ms * 100) / 100;
  return {
    binMs: BIN_MS,
    faultFromMs: rounded(fromMs),
    faultToMs: toMs === null ? null : rounded(toMs),
    accepted: count('accepted'),
    refused: count('refused'),
    forbidden: count('forbidden'),
    unavailable: count('unavailable'),
    other: count('other'),
    error: count('error'),
    timedOut: count('timedOut'),
    p50Ms: waits.map((each) => (each.length === 0 ? null : rounded(median(each)))),
    maxMs: waits.map((each) => (each.length === 0 ? null : rounded(Math.max(...each)))),
  };
}

/** `500 (12 times), no answer (3 times)`: the responses to requests that were due during the fault. */
export function answersDuring({ dueMs, status }: Pick<StreamRecord, 'dueMs' | 'status'>, fault: Fault): string {
  const during = status.filter((_, i) => phaseOf(dueMs[i] ?? 0, fault) === 'during');
  const counts = [...Map.groupBy(during, (each) => each)].toSorted(([, a], [, b]) => b.length - a.length);
  if (counts.length === 0) return 'no requests were sent during the fault';
  const words = counts.map(([each, { length }]) => `${each === 0 ? 'no answer' : each} (${length} times)`);
  return `responses during the fault: ${words.join(', ')}`;
}

/** `returning`: between the two, when it may or may not be available. */
export type Phase = 'before' | 'during' | 'returning' | 'after';
export const PHASES: readonly Phase[] = ['before', 'during', 'returning', 'after'];

export function phaseOf(dueMs: number, fault: Fault): Phase {
  const { fromMs, toMs } = fault;
  if (dueMs < fromMs) return 'before';
  if (dueMs < awayTo(fault)) return 'during';
  return toMs === null || dueMs >= toMs ? 'after' : 'returning';
}

const awayTo = ({ awayToMs, toMs }: Fault) => awayToMs ?? toMs ?? Number.POSITIVE_INFINITY;

/**
 * Counts and moments. `fail_low_ms` and `fail_ms` are absent if every request was accepted; `recovery_ms` if no
 * request due after the return was served until the end. If nothing returned, there is no recovery, and nothing
 * waited for it.
 */
export function measuresOf(requests: readonly Request[], fault: Fault): Measures {
  const { fromMs, toMs } = fault;
  const phases = Map.groupBy(requests, ({ dueMs }) => phaseOf(dueMs, fault));
  const measures: MeasuresDraft = { fault_from_ms: fromMs };
  if (toMs !== null) measures.fault_to_ms = toMs;
  for (const phase of PHASES) {
    const own = phases.get(phase) ?? [];
    measures[`${phase}_all` as const] = own.length;
    measures[`${phase}_accepted` as const] = own.filter(isAccepted).length;
  }
  const during = phases.get('during') ?? [];
  const endMs = awayTo(fault);
  const settled = during.filter(({ dueMs, waitMs }) => dueMs >= fromMs + GRACE_MS && dueMs + waitMs < endMs);
  measures.settled_all = settled.length;
  measures.settled_accepted = settled.filter(isAccepted).length;
  const waits = during.filter(({ outcome }) => outcome !== null).map(({ waitMs }) => waitMs);
  if (waits.length > 0) {
    measures.during_p50_ms = median(waits);
    measures.during_max_ms = Math.max(...waits);
  }
  const since = requests.filter(({ dueMs }) => dueMs >= fromMs);
  measures.lost = since.filter((request) => !isAccepted(request)).length;
  const last = since.at(-1);
  const end = last === undefined ? [] : since.filter(({ dueMs }) => dueMs > last.dueMs - END_MS);
  measures.end_all = end.length;
  measures.end_refused = end.filter(({ outcome }) => outcome === 'refused' || outcome === 'forbidden').length;
  measures.timed_out = requests.filter(({ outcome }) => outcome === 'timedOut').length;
  measures.hung = requests.filter(({ outcome }) => outcome === null).length;
  if (toMs === null) return { ...measures, ...failing(since, fromMs) };
  const usualMs = Math.max(0, ...(phases.get('before') ?? []).filter(isAccepted).map(({ waitMs }) => waitMs));
  return { ...measures, ...failing(since, fromMs), ...recovery(since, toMs, usualMs), ...heldAt(since, toMs) };
}

function failing(since: readonly Request[], fromMs: number): Measures {
  const first = since.findIndex((request) => !isAccepted(request));
  const failed = since[first];
  if (failed === undefined) return {};
  return { fail_low_ms: Math.max(0, (since[first - 1]?.dueMs ?? fromMs) - fromMs), fail_ms: failed.dueMs - fromMs };
}

/**
 * Recovery as seen by a client that sends a request after the return: the time of the first response to such a
 * request, after which all were answered. The due time is no indication, since a server may delay a request until its
 * own client has reconnected to Redis. @param usualMs the longest wait before the fault
 */
function recovery(since: readonly Request[], toMs: number, usualMs: number): Measures {
  const after = since.filter(({ dueMs }) => dueMs >= toMs);
  const last = after.findLastIndex((request) => !isServed(request));
  const failedMs = Math.max(0, (after[last]?.dueMs ?? toMs) - toMs);
  const served = after.slice(last + 1).toSorted((a, b) => a.dueMs + a.waitMs - (b.dueMs + b.waitMs));
  const [first] = served;
  if (first === undefined) return { recovery_low_ms: failedMs };
  const answeredMs = first.dueMs + first.waitMs - toMs;
  // A request that waited for the recovery shows the exact moment; otherwise it lies after the last failure.
  return { recovery_low_ms: first.waitMs > usualMs ? answeredMs : failedMs, recovery_ms: answeredMs };
}

/** Requests in flight when Redis returned, and how they ended. */
function heldAt(since: readonly Request[], toMs: number): Measures {
  const endMs = ({ dueMs, waitMs, outcome }: Request) => (outcome === null ? Number.POSITIVE_INFINITY : dueMs + waitMs);
  const held = since.filter((request) => request.dueMs < toMs && endMs(request) > toMs);
  const ends = held.map(endMs).filter(Number.isFinite);
  return {
    held: held.length,
    held_lost: held.filter((request) => !isServed(request)).length,
    held_until_ms: Math.max(toMs, ...ends) - toMs,
  };
}
