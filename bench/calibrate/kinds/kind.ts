/** A server of known truth: what it does with each request, and the latency that a correct measurement finds. */
import type { LatencyHistogram } from '../../../core/results/histogram.ts';

/** What a server of known truth does with one request. */
export interface Treatment {
  /** Time from the request's arrival to its answer; null: no answer at all. */
  readonly delayMicros: number | null;
  readonly status: number;
  /** CPU time to burn before answering. */
  readonly burnMicros: number;
  /** The answer says so, and the server then ends the connection; it stays open where left out. */
  readonly closes?: boolean;
}

/** The load under which the kind is measured. */
export interface Load {
  readonly ratePerSecond: number;
  readonly durationMs: number;
  readonly timeoutMs: number;
  /** Connections that are kept open. A closed loop uses at most `closedConnections`. */
  readonly connections: number;
  readonly maxConnections: number;
  readonly closedConnections: number;
}

/** What the server knows of the period that was measured, by its own clock. */
export interface Witness {
  /** Arrival of the first and the last request, since the server was reset. */
  readonly firstMicros: number;
  readonly lastMicros: number;
  /** Time from arrival to answer of each request that was answered. */
  readonly service: LatencyHistogram;
  /** Time from when each request was due to its answer; null if the schedule is not known. */
  readonly due: LatencyHistogram | null;
}

export interface Kind {
  readonly name: string;
  readonly title: string;
  readonly load: Load;
  /** Percentiles that the definition determines: none that lies on the edge between two modes. */
  readonly percentiles: readonly number[];
  /** False if only an open loop can see the truth, since a closed one waits with the server. */
  readonly seenByClosedLoop: boolean;
  /** A kind that differs in nothing but the CPU time it burns: what is found beyond it was injected. */
  readonly control?: Kind;
  /** @param nth from 0, @param atMicros arrival, since the server was reset */
  treat(nth: number, atMicros: number): Treatment;
  /** The latency in µs at a percentile that a right measurement finds. */
  truth(percentile: number, witness: Witness): number;
}

export const QUIET_LOAD: Load = {
  ratePerSecond: 400,
  durationMs: 1500,
  timeoutMs: 2000,
  connections: 64,
  maxConnections: 64,
  closedConnections: 4,
};

/** What the server gave by their own clocks: since it was due, or since it arrived where nothing says when that was. */
export function asServed(percentile: number, { due, service }: Pick<Witness, 'due' | 'service'>): number {
  return (due ?? service).percentile(percentile);
}
