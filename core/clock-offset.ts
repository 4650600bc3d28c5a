/**
 * How far another clock is ahead of this one, by round trips to it. The reply was made at an unknown moment of the
 * trip. So the shortest trip is the most precise, and half of it is the uncertainty (Cristian, 1989). Pure.
 */
import type { ClockOffset } from './results/recorded/shards.ts';

/** `Date.now` has whole milliseconds, rounded down. */
export const RESOLUTION_MS = 1;

export interface RoundTrip {
  /** Time of sending by `Date.now` here, in ms since 1970. */
  readonly sentMs: number;
  readonly tookMs: number;
  /** The time by the other clock, in ms since 1970. */
  readonly thereMs: number;
}

/** @param trips at least one */
export function shortestOf<Trip extends Pick<RoundTrip, 'tookMs'>>(trips: readonly Trip[]): Trip {
  const [shortest] = trips.toSorted((a, b) => a.tookMs - b.tookMs);
  if (shortest === undefined) throw new RangeError('There is no round trip to judge a clock by.');
  return shortest;
}

/** @param trips at least one @param resolutionThereMs to which the other clock rounds down @returns there minus here */
export function offsetOf(trips: readonly RoundTrip[], resolutionThereMs: number): ClockOffset {
  const { sentMs, tookMs, thereMs } = shortestOf(trips);
  const hereMs = sentMs + (tookMs + RESOLUTION_MS) / 2;
  return {
    offsetMs: thereMs + resolutionThereMs / 2 - hereMs,
    uncertaintyMs: (tookMs + RESOLUTION_MS + resolutionThereMs) / 2,
    roundTrips: trips.length,
  };
}
