/**
 * How a metric follows from slices, declared next to its unit: as a sum over a sum, or as a comparison of such
 * quotients within blocks. Names are measures of a slice, or counts that every slice has.
 */
import type { NumberMeasure } from '../measures.ts';

/** The counts of every slice, and values derived from its counts and factors. */
export type SliceCount =
  /** 1 for each slice: a sum over it gives a mean over slices. */
  | 'slices'
  | 'requests'
  /** Requests answered as the contract requires. */
  | 'answered'
  /** Unexpected or missing responses. */
  | 'refused'
  /** Requests without a response. */
  | 'failed'
  /** Requests with or without a response. */
  | 'attempted'
  | 'seconds'
  | 'elapsed_ns'
  /** Factor `in_flight`. */
  | 'in_flight'
  /** Factor `sessions`. */
  | 'sessions'
  /** Total cores that the CPU shares of all replicas allow. */
  | 'allowed_cores'
  /** Long turns minus short ones; everything, if a slice has turns of one length. */
  | BusyCount
  /** CPU time of Redis; zero for a slice in which it ran no command. */
  | 'asked_redis_cpu_ns'
  /** Short turns. */
  | 'cold_turns'
  /** Replica CPU time of the short turns beyond the cost of their requests to a busy server. */
  | 'cold_replica_cpu_ns';

/** Requests to a busy server, and their cost; a Redis that ran no command costs nothing. */
export type BusyCount = 'busy_requests' | 'busy_replica_cpu_ns' | 'busy_redis_cpu_ns' | 'busy_companion_cpu_ns';

/** A measure by its name, or a count. */
export type Quantity = SliceCount | NumberMeasure;

/** The sum of quantities, multiplied by another one, multiplied or divided by a constant. */
export interface Amount {
  readonly sum: readonly Quantity[];
  readonly by?: Quantity;
  readonly times?: number;
  readonly dividedBy?: number;
}

/** Both sums are over the same slices, so that a slice is weighted by its size. */
export interface Quotient {
  readonly numerator: Amount | Quantity;
  readonly denominator: Amount | Quantity;
}

/**
 * Compares two arms, or two states of one, in the same block: the mean difference or geometric mean ratio of a
 * quotient metric.
 */
export interface PairedQuotient {
  readonly as: 'ratio' | 'difference';
  readonly of: string;
}
