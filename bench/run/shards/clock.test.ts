import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../core/stats/random.ts';
import { askClock, offsetOf, type RoundTrip, refuseWrongClock } from './clock.ts';

const THERE = 1_767_225_600_000;

/** A round trip with known clock offset and times of both ways. */
function trip(offsetMs: number, thereWayMs: number, backWayMs: number, at = THERE): RoundTrip {
  return { sentMs: Math.floor(at + offsetMs), tookMs: thereWayMs + backWayMs, thereMs: at + thereWayMs };
}

describe('the offset of a clock', () => {
  it('is exact if both ways take equally long, and otherwise the estimate of the shortest trip', () => {
    const { offsetMs, uncertaintyMs, roundTrips } = offsetOf([trip(500, 30, 2), trip(500, 2, 2), trip(500, 2, 80)]);
    expect(offsetMs).toBeCloseTo(500.5, 9);
    expect([uncertaintyMs, roundTrips]).toEqual([2.5, 3]);
  });

  it('is within its uncertainty, however unequal the ways are', () => {
    const random = createRandom(4);
    for (let i = 0; i < 2000; i++) {
      const truth = 1e5 * (random.random() - 0.5);
      const trips = Array.from({ length: 5 }, () =>
        trip(truth, 20 * random.exponential(), 20 * random.exponential(), THERE + random.random()),
      );
      const { offsetMs, uncertaintyMs } = offsetOf(trips);
      expect(Math.abs(offsetMs - truth)).toBeLessThanOrEqual(uncertaintyMs + 1e-6);
    }
  });

  it('keeps a shard from a start at a given time if it is more than 10 s off', () => {
    const clock = (offsetMs: number) => ({ offsetMs, uncertaintyMs: 5, roundTrips: 20 });
    for (const offsetMs of [0, -9000, 10_004]) expect(() => refuseWrongClock(clock(offsetMs), 'x')).not.toThrow();
    expect(() => refuseWrongClock(clock(120_000), 'x')).toThrow(/this clock is 120 s ahead of/);
    expect(() => refuseWrongClock(clock(-120_000), 'x')).toThrow(/this clock is 120 s behind/);
    expect(() => refuseWrongClock(clock(120_000), null)).not.toThrow();
  });
});

it('names its own variable if the URL cannot be used', async () => {
  await expect(askClock('http://127.0.0.1')).rejects.toThrow(/http:/);
  await expect(askClock('redis://10.0.0.7:6379')).rejects.toThrow(/TOLLGATE_CLOCK_URL refers to 10\.0\.0\.7/);
  await expect(askClock('redis://127.0.0.1:1')).rejects.toThrow(/Redis at TOLLGATE_CLOCK_URL does not answer/);
});
