/**
 * How a metric follows from slices, declared beside its unit: as a sum over a sum, or as a comparison of such quotients
 * within blocks. Names are those of a slice's measures, or of what every slice counts.
 */
import type { NumberMeasure } from './measures.ts';

/** What every slice counts, and what follows from its counts and factors. */
export type SliceCount =
  /** 1 for each slice: a sum over it is a mean of slices. */
  | 'slices'
  | 'requests'
  /** Requests that were answered as the contract asks. */
  | 'answered'
  /** Requests that were answered otherwise, or not at all. */
  | 'refused'
  /** Requests that failed without an answer. */
  | 'failed'
  /** Requests with or without an answer. */
  | 'attempted'
  | 'seconds'
  | 'elapsed_ns'
  /** Factor `in_flight`. */
  | 'in_flight'
  /** Factor `sessions`. */
  | 'sessions'
  /** Cores that the CPU shares of all replicas allow together. */
  | 'allowed_cores'
  /** What long turns hold beyond short ones; all there is, where a slice has turns of one length. */
  | BusyCount
  /** CPU time of Redis; none of a slice in which it ran no command. */
  | 'asked_redis_cpu_ns'
  /** Short turns. */
  | 'cold_turns'
  /** What these cost the replicas beyond what their requests cost a busy one. */
  | 'cold_replica_cpu_ns';

/** Requests that a server answers while it is busy, and what they cost; a Redis that ran no command costs nothing. */
export type BusyCount = 'busy_requests' | 'busy_replica_cpu_ns' | 'busy_redis_cpu_ns' | 'busy_companion_cpu_ns';

/** A measure by its name, or a count. */
export type Quantity = SliceCount | NumberMeasure;

/** The sum of quantities, times another one, times or over a constant. */
export interface Amount {
  readonly sum: readonly Quantity[];
  readonly by?: Quantity;
  readonly times?: number;
  readonly dividedBy?: number;
}

/** Both sums run over the same slices, so that a slice counts by its size. */
export interface Quotient {
  readonly numerator: Amount | Quantity;
  readonly denominator: Amount | Quantity;
}

/** Two arms, or two states of one, in the same block: the mean difference or geometric mean ratio of a quotient metric. */
export interface PairedQuotient {
  readonly as: 'ratio' | 'difference';
  readonly of: string;
}
