import { expect, it } from 'vitest';
import { offsetOf, type RoundTrip } from './clock-offset.ts';
import { createRandom } from './stats/random.ts';

const HERE = 1_767_225_600_000;

interface Trip {
  /** There minus here. */
  readonly offsetMs: number;
  readonly wayThereMs: number;
  readonly wayBackMs: number;
  readonly at?: number;
}

/** A round trip with known clock offset and times of both ways. @param resolutionMs of the other clock, 0 or 1 */
function trip({ offsetMs, wayThereMs, wayBackMs, at = HERE }: Trip, resolutionMs = 0): RoundTrip {
  const there = at + offsetMs + wayThereMs;
  return {
    sentMs: Math.floor(at),
    tookMs: wayThereMs + wayBackMs,
    thereMs: resolutionMs === 0 ? there : Math.floor(there),
  };
}

it('is exact if both ways take equally long, and otherwise the estimate of the shortest trip', () => {
  const ways = [
    [30, 2],
    [2, 2],
    [2, 80],
  ] as const;
  const trips = ways.map(([wayThereMs, wayBackMs]) => trip({ offsetMs: 500, wayThereMs, wayBackMs, at: HERE + 0.5 }));
  expect(offsetOf(trips, 0)).toEqual({ offsetMs: 500, uncertaintyMs: 2.5, roundTrips: 3 });
});

it.each([0, 1])(
  'is within its uncertainty, however unequal the ways are: the other clock has %d ms',
  (resolutionMs) => {
    const random = createRandom(4);
    for (let i = 0; i < 2000; i++) {
      const truth = 1e5 * (random.random() - 0.5);
      const way = () => 20 * random.exponential();
      const trips = Array.from({ length: 5 }, () =>
        trip({ offsetMs: truth, wayThereMs: way(), wayBackMs: way(), at: HERE + random.random() }, resolutionMs),
      );
      const { offsetMs, uncertaintyMs } = offsetOf(trips, resolutionMs);
      expect(Math.abs(offsetMs - truth)).toBeLessThanOrEqual(uncertaintyMs + 1e-3);
    }
  },
);

it('needs a round trip', () => {
  expect(() => offsetOf([], 0)).toThrow(/no round trip/);
});
