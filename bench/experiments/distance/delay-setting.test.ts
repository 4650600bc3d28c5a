import { expect, it } from 'vitest';
import { nearestSetting } from './delay-setting.ts';

/**
 * A connection with the given round trip in µs, which is longer in some rounds; it records the delays that were set.
 */
function way(plainMicros: number, heldUp: readonly number[] = []) {
  const delays: number[] = [];
  const roundTrip = async (delayMicros: number) =>
    plainMicros + delayMicros + (heldUp[delays.push(delayMicros) - 1] ?? 0);
  return { delays, roundTrip };
}

it('adds the missing delay', async () => {
  const { delays, roundTrip } = way(120);
  expect(await nearestSetting(500, roundTrip)).toEqual({ delayMicros: 380, rttMicros: 500 });
  expect(delays).toEqual([0, 380]);
});

it('adds nothing if nothing is requested, or the round trip is already longer', async () => {
  const plain = way(120);
  expect(await nearestSetting(0, plain.roundTrip)).toEqual({ delayMicros: 0, rttMicros: 120 });
  expect(plain.delays).toEqual([0]);
  expect(await nearestSetting(200, way(900).roundTrip)).toEqual({ delayMicros: 0, rttMicros: 900 });
});

it('corrects a measurement that the machine disturbed', async () => {
  const { delays, roundTrip } = way(120, [600]);
  // The round trip seemed longer than requested; the next round shows the truth.
  expect(await nearestSetting(500, roundTrip)).toEqual({ delayMicros: 380, rttMicros: 500 });
  expect(delays).toEqual([0, 0, 380]);
});

it('takes the nearest round if none was close, not the last', async () => {
  const { delays, roundTrip } = way(120, [0, 60, 500, 2_000]);
  expect(await nearestSetting(500, roundTrip)).toEqual({ delayMicros: 380, rttMicros: 560 });
  expect(delays).toEqual([0, 380, 320, 0]);
});
