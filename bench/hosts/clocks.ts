/** How far the clocks of a host are from those here, by round trips to its agent. Pure. */
import type { Static } from 'typebox';
import type { ClockOffset } from '../../core/results/recorded/shards.ts';
import type { Clocks } from './agent/protocol.ts';

export interface Reading {
  /** On the clock of `monotonicMs` here. */
  readonly sentMs: number;
  /** Since 1970, by the clock here. */
  readonly sentWallMs: number;
  readonly tookMs: number;
  readonly there: Static<typeof Clocks>;
}

/** `Date.now` says whole milliseconds. */
const RESOLUTION_MS = 1;

/** The one that says most: the answer was made somewhere within the trip (Cristian, 1989). @param trips at least one */
export function shortestOf(trips: readonly Reading[]): Reading {
  const [shortest] = trips.toSorted((a, b) => a.tookMs - b.tookMs);
  if (shortest === undefined) throw new RangeError('There is no round trip to judge a clock by.');
  return shortest;
}

/** How far the clock of the host is ahead of the one here. */
export function clockOf(trips: readonly Reading[]): ClockOffset {
  const { sentWallMs, tookMs, there } = shortestOf(trips);
  return {
    offsetMs: there.wallMs - (sentWallMs + tookMs / 2),
    uncertaintyMs: tookMs / 2 + RESOLUTION_MS,
    roundTrips: trips.length,
  };
}
