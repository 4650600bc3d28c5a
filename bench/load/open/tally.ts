/** The counts and histograms of an open-loop run, and their sums over several processes. */

import { LatencyHistogram, mergeHistograms } from '../../../core/results/histogram.ts';
import type { Response } from '../connection/response.ts';
import type { Lateness, OpenResult } from './schema.ts';

/** A request sent later than this is counted as late. */
const LATE_MICROS = 1000;

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

function noLateness(): Writable<Lateness> {
  return { count: 0, maxMicros: 0, totalMicros: 0 };
}

function addLateness(sum: Writable<Lateness>, micros: number): void {
  if (micros <= 0) return;
  if (micros > LATE_MICROS) sum.count++;
  if (micros > sum.maxMicros) sum.maxMicros = micros;
  sum.totalMicros += micros;
}

export class OpenTally {
  readonly #corrected = LatencyHistogram.empty();
  readonly #service = LatencyHistogram.empty();
  readonly #sendGap = LatencyHistogram.empty();
  readonly #generatorLate = noLateness();
  readonly #connectionWait = noLateness();
  readonly #statuses: Record<string, number> = {};
  readonly #errors: Record<string, number> = {};
  readonly #counts = {
    scheduled: 0,
    sent: 0,
    neverSent: 0,
    sentInTime: 0,
    answered: 0,
    unexpected: 0,
    failed: 0,
    timedOut: 0,
    unanswered: 0,
    connectErrors: 0,
    reconnects: 0,
    peakConnections: 0,
    peakInFlight: 0,
    inFlightFirst: 0,
    inFlightLast: 0,
    requestBytes: 0,
    responseBytes: 0,
  };

  scheduled(generatorLateMicros: number): void {
    this.#counts.scheduled++;
    addLateness(this.#generatorLate, generatorLateMicros);
  }

  sent(bytes: number, connectionWaitMicros: number, inTime: boolean): void {
    this.#counts.sent++;
    this.#counts.requestBytes += bytes;
    if (inTime) this.#counts.sentInTime++;
    addLateness(this.#connectionWait, connectionWaitMicros);
  }

  sendGap(micros: number): void {
    this.#sendGap.record(micros);
  }

  answered(response: Response, expected: boolean, correctedMicros: number, serviceMicros: number): void {
    this.#counts.answered++;
    if (!expected) this.#counts.unexpected++;
    this.#statuses[response.status] = (this.#statuses[response.status] ?? 0) + 1;
    this.#counts.responseBytes += response.bytes;
    this.#corrected.record(correctedMicros);
    this.#service.record(serviceMicros);
  }

  failed(error: Error): void {
    this.#counts.failed++;
    this.#errors[error.name] = (this.#errors[error.name] ?? 0) + 1;
  }

  /** @param connectionWaitMicros null if it had been sent */
  expired(timeoutMicros: number, connectionWaitMicros: number | null, scheduleEnded: boolean): void {
    if (scheduleEnded) this.#counts.unanswered++;
    else this.#counts.timedOut++;
    this.#corrected.record(timeoutMicros);
    if (connectionWaitMicros === null) return;
    this.#counts.neverSent++;
    addLateness(this.#connectionWait, connectionWaitMicros);
  }

  connectError(): void {
    this.#counts.connectErrors++;
  }

  reconnect(): void {
    this.#counts.reconnects++;
  }

  level(connections: number, inFlight: number): void {
    if (connections > this.#counts.peakConnections) this.#counts.peakConnections = connections;
    if (inFlight > this.#counts.peakInFlight) this.#counts.peakInFlight = inFlight;
  }

  begins(unanswered: number): void {
    this.#counts.inFlightFirst = unanswered;
  }

  ends(unanswered: number): void {
    this.#counts.inFlightLast = unanswered;
  }

  result(askedRate: number, durationMs: number, startedAtMs: number, cpuWaitMs: number | null): OpenResult {
    return {
      askedRate,
      achievedRate: (this.#counts.sentInTime * 1000) / durationMs,
      durationMs,
      startedAtMs,
      ...this.#counts,
      statuses: { ...this.#statuses },
      errors: { ...this.#errors },
      generatorLate: { ...this.#generatorLate },
      connectionWait: { ...this.#connectionWait },
      cpuWaitMs,
      corrected: this.#corrected.encode(),
      service: this.#service.encode(),
      sendGap: this.#sendGap.encode(),
    };
  }
}

function addCounts(each: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const counts of each) {
    for (const [name, count] of Object.entries(counts)) sum[name] = (sum[name] ?? 0) + count;
  }
  return sum;
}

function mergeLateness(each: readonly Lateness[]): Lateness {
  return {
    count: each.reduce((sum, { count }) => sum + count, 0),
    maxMicros: Math.max(...each.map(({ maxMicros }) => maxMicros)),
    totalMicros: each.reduce((sum, { totalMicros }) => sum + totalMicros, 0),
  };
}

/**
 * Merges the shards of one run: counts and rates add up, histograms are merged. The peaks add up too, which is an
 * upper bound, since they need not coincide. @throws RangeError without a result; HistogramError if one is damaged
 */
export function mergeOpenResults(results: readonly OpenResult[]): OpenResult {
  const [first] = results;
  if (first === undefined) throw new RangeError('mergeOpenResults needs at least one result');
  const sum = (pick: (result: OpenResult) => number) => results.reduce((total, result) => total + pick(result), 0);
  return {
    askedRate: sum((r) => r.askedRate),
    achievedRate: sum((r) => r.achievedRate),
    durationMs: first.durationMs,
    startedAtMs: first.startedAtMs,
    scheduled: sum((r) => r.scheduled),
    sent: sum((r) => r.sent),
    neverSent: sum((r) => r.neverSent),
    sentInTime: sum((r) => r.sentInTime),
    answered: sum((r) => r.answered),
    unexpected: sum((r) => r.unexpected),
    failed: sum((r) => r.failed),
    timedOut: sum((r) => r.timedOut),
    unanswered: sum((r) => r.unanswered),
    statuses: addCounts(results.map((r) => r.statuses)),
    errors: addCounts(results.map((r) => r.errors)),
    connectErrors: sum((r) => r.connectErrors),
    reconnects: sum((r) => r.reconnects),
    peakConnections: sum((r) => r.peakConnections),
    peakInFlight: sum((r) => r.peakInFlight),
    inFlightFirst: sum((r) => r.inFlightFirst),
    inFlightLast: sum((r) => r.inFlightLast),
    requestBytes: sum((r) => r.requestBytes),
    responseBytes: sum((r) => r.responseBytes),
    generatorLate: mergeLateness(results.map((r) => r.generatorLate)),
    connectionWait: mergeLateness(results.map((r) => r.connectionWait)),
    cpuWaitMs: results.reduce<number | null>(
      (total, { cpuWaitMs }) => (total === null || cpuWaitMs === null ? null : total + cpuWaitMs),
      0,
    ),
    corrected: mergeHistograms(results.map((r) => r.corrected)).encode(),
    service: mergeHistograms(results.map((r) => r.service)).encode(),
    sendGap: mergeHistograms(results.map((r) => r.sendGap)).encode(),
  };
}
