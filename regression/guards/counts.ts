/** The cost of a request in counts, which show every change at once. Pure. */
import type { Metric } from '../../core/results/metrics.ts';
import { errorOf, lengthChange, type RequestLengths } from './lengths.ts';

/** Counts are not sampled: equal builds give equal numbers, apart from the lengths of random credentials. */
export type Guard = Extract<
  Metric,
  | 'redis_commands_per_request'
  | 'request_bytes'
  | 'response_bytes'
  | 'set_cookies_per_request'
  | 'loop_turns_per_request'
  | 'allocated_bytes_per_request'
>;

export interface GuardRule {
  readonly metric: Guard;
  /** Two counts are equal if they differ by at most this share of the base's, or this many units, whichever is more. */
  readonly share: number;
  readonly units: number;
}

export const GUARDS: readonly GuardRule[] = [
  // A cache with a time limit asks occasionally: less than one command in twenty requests is not a change.
  { metric: 'redis_commands_per_request', share: 0, units: 0.05 },
  { metric: 'request_bytes', share: 0, units: 0 },
  { metric: 'response_bytes', share: 0, units: 0 },
  { metric: 'set_cookies_per_request', share: 0, units: 0 },
  { metric: 'loop_turns_per_request', share: 0, units: 0.25 },
  // Starts differ slightly, and more with Redis, since chance decides which replies arrive together. See docs/method.md.
  { metric: 'allocated_bytes_per_request', share: 0.03, units: 48 },
];

/** Null if it could not be counted: the build does not report it, or others use the same Redis. */
export type GuardCounts = Readonly<Record<Guard, number | null>> & {
  /** The lengths behind the mean in `request_bytes`. */
  readonly lengths: RequestLengths;
};

export interface GuardChange {
  readonly metric: Guard;
  readonly base: number | null;
  /** The head's value, with the random part of the base's, so that a difference comes from the builds. */
  readonly head: number | null;
  /** The standard error of both; 0 for a count. */
  readonly error: number;
  readonly verdict: 'more' | 'fewer' | 'same' | 'not counted';
}

export function compareCounts(base: GuardCounts, head: GuardCounts): GuardChange[] {
  return GUARDS.map(({ metric, share, units }) => {
    const sampled = metric === 'request_bytes';
    const before = base[metric];
    const after = sampled && before !== null ? before + lengthChange(base.lengths, head.lengths) : head[metric];
    const error = sampled ? errorOf(base.lengths) : 0;
    if (before === null || after === null) return { metric, base: before, head: after, error, verdict: 'not counted' };
    const allowed = Math.max(units, share * before) + ROUNDING;
    const verdict = Math.abs(after - before) <= allowed ? 'same' : after > before ? 'more' : 'fewer';
    return { metric, base: before, head: after, error, verdict };
  });
}

/** Means are not exact in binary. */
const ROUNDING = 1e-6;

/** The middle of an odd number of values, or the lower of the two middle ones. */
export function lowMedian(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}
