/** A server of known truth: how it treats each request, and the latency that a correct measurement finds. */
import type { LatencyHistogram } from '../../../core/results/histogram.ts';

/** How a server of known truth treats one request. */
export interface Treatment {
  /** Time from the request's arrival to its response; null: no response. */
  readonly delayMicros: number | null;
  readonly status: number;
  /** CPU time to burn before answering. */
  readonly burnMicros: number;
  /** Whether the response announces `Connection: close` and the server then closes it; default false. */
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

/** The server's record of the measured period, by its own clock. */
export interface Witness {
  /** Arrival of the first and the last request, since the server was reset. */
  readonly firstMicros: number;
  readonly lastMicros: number;
  /** Time from arrival to response of each answered request. */
  readonly service: LatencyHistogram;
  /** Time from when each request was due to its response; null if the schedule is unknown. */
  readonly due: LatencyHistogram | null;
}

export interface Kind {
  readonly name: string;
  readonly title: string;
  readonly load: Load;
  /** Percentiles that the definition determines; none at the edge between two modes. */
  readonly percentiles: readonly number[];
  /** False if only an open loop can see the truth, since a closed one waits along with the server. */
  readonly seenByClosedLoop: boolean;
  /** A kind that differs only in the CPU time it burns: the difference in results is what was injected. */
  readonly control?: Kind;
  /** @param nth from 0, @param atMicros arrival, since the server was reset */
  treat(nth: number, atMicros: number): Treatment;
  /** The latency in µs that a correct measurement finds at a percentile. */
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

/** The server's latency by its own clock: since a request was due, or since it arrived if that is unknown. */
export function asServed(percentile: number, { due, service }: Pick<Witness, 'due' | 'service'>): number {
  return (due ?? service).percentile(percentile);
}
