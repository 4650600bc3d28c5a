/** The clock offset of a host, by round trips to its agent. Pure. */
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

/** `Date.now` has whole milliseconds. */
const RESOLUTION_MS = 1;

/**
 * The shortest trip, which is the most precise: the reply was created somewhere within it (Cristian, 1989). @param
 * trips at least one
 */
export function shortestOf(trips: readonly Reading[]): Reading {
  const [shortest] = trips.toSorted((a, b) => a.tookMs - b.tookMs);
  if (shortest === undefined) throw new RangeError('There is no round trip to judge a clock by.');
  return shortest;
}

/** The offset of the host's clock from the one here. */
export function clockOf(trips: readonly Reading[]): ClockOffset {
  const { sentWallMs, tookMs, there } = shortestOf(trips);
  return {
    offsetMs: there.wallMs - (sentWallMs + tookMs / 2),
    uncertaintyMs: tookMs / 2 + RESOLUTION_MS,
    roundTrips: trips.length,
  };
}
