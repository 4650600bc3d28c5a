/** Finds the delay that gives a requested round trip to Redis. Pure except for `roundTrip`. */

/** The relative tolerance of the round trip; see also `NEAR_MICROS`. */
const NEAR = 0.05;
const NEAR_MICROS = 15;
const ROUNDS = 4;

/** The delay to add for a round trip, and the resulting round trip. */
export interface DelaySetting {
  readonly delayMicros: number;
  readonly rttMicros: number;
}

/**
 * Adds a delay to the existing round trip, measures and corrects it. A round trip that is longer than requested is
 * left unchanged and reported. @param roundTrip sets a delay and measures the round trip with it, in µs @returns the
 * nearest measured round trip, since the machine may have been disturbed in the last round
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
