/** The clock offset of a host, by round trips to its agent. Pure. */
import type { Static } from 'typebox';
import { offsetOf, RESOLUTION_MS } from '../../core/clock-offset.ts';
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

/** @returns the host's clock minus the one here */
export function clockOf(readings: readonly Reading[]): ClockOffset {
  const trips = readings.map(({ sentWallMs, tookMs, there }) => ({
    sentMs: sentWallMs,
    tookMs,
    thereMs: there.wallMs,
  }));
  return offsetOf(trips, RESOLUTION_MS);
}
