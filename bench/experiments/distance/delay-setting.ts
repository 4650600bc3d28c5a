/** Finds the delay that makes a way to Redis as long as asked. Pure but for the way that it measures. */

/** Asked and measured round trip may differ by this part, or by `NEAR_MICROS`. */
const NEAR = 0.05;
const NEAR_MICROS = 15;
const ROUNDS = 4;

/** The delay to add for a round trip, and the round trip that it really makes. */
export interface DelaySetting {
  readonly delayMicros: number;
  readonly rttMicros: number;
}

/**
 * Adds a delay to the existing round trip, measures and corrects it. A round trip that is longer than asked is left
 * unchanged and reported.
 * @param roundTrip sets a delay and measures the round trip with it, in µs
 * @returns the nearest round trip that was measured, since the machine may have been held up in the last round
 */
export async function nearestSetting(
  askedMicros: number,
  roundTrip: (delayMicros: number) => Promise<number>,
): Promise<DelaySetting> {
  const near = Math.max(NEAR_MICROS, NEAR * askedMicros);
  const off = ({ rttMicros }: DelaySetting) => Math.abs(askedMicros - rttMicros);
  let nearest: DelaySetting = { delayMicros: 0, rttMicros: await roundTrip(0) };
  let last = nearest;
  for (let round = 1; round < ROUNDS && askedMicros > 0 && off(last) > near; round++) {
    const delayMicros = Math.max(0, last.delayMicros + askedMicros - last.rttMicros);
    last = { delayMicros, rttMicros: await roundTrip(delayMicros) };
    if (off(last) < off(nearest)) nearest = last;
  }
  return nearest;
}
