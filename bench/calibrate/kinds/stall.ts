import { asServed, type Kind, QUIET_LOAD, type Witness } from './kind.ts';

const PERIOD_MICROS = 2_000_000;
const STALL_MICROS = 300_000;
/** Time of the first stall: late enough for a warm-up before it. */
const FIRST_STALL_MICROS = 1_000_000;
const BASE_MICROS = 1000;
/** Up to this percentile no request of an even load meets a stall: they take at most 0.3 s of every 2 s. */
const BESIDE = 50;

/** When the current stall ends; null outside of stalls. */
function stallEnd(atMicros: number): number | null {
  const into = (atMicros - FIRST_STALL_MICROS) % PERIOD_MICROS;
  return into >= 0 && into < STALL_MICROS ? atMicros - into + STALL_MICROS : null;
}

/** Time within [from, to] at which an arrival would wait for more than `waitMicros`, over all stalls. */
function timeWaitingLonger(waitMicros: number, fromMicros: number, toMicros: number): number {
  let sum = 0;
  for (let start = FIRST_STALL_MICROS; start < toMicros; start += PERIOD_MICROS) {
    const end = start + STALL_MICROS - waitMicros;
    sum += Math.max(0, Math.min(end, toMicros) - Math.max(start, fromMicros));
  }
  return sum;
}

/**
 * An evenly spaced arrival waits for w or longer if it comes at least w before the end of a stall. With 0.3 s of
 * every 2 s, waits are uniform between 0 and 300 ms for 15 % of the requests, so p99 is 300 · (1 − 1/15) = 280 ms.
 * This follows from the definition alone, and does not depend on a generator that waits along with the server.
 */
export function stallLatency(
  percentile: number,
  { firstMicros, lastMicros }: Pick<Witness, 'firstMicros' | 'lastMicros'>,
) {
  const longer = (1 - percentile / 100) * (lastMicros - firstMicros);
  let low = 0;
  let high = STALL_MICROS;
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2;
    if (timeWaitingLonger(middle, firstMicros, lastMicros) > longer) low = middle;
    else high = middle;
  }
  return high;
}

/** All requests wait for 300 ms every 2 s, as in a long garbage collection. */
export const stall: Kind = {
  name: 'stall',
  title: '1 ms, and a stall of 300 ms every 2 s',
  load: { ...QUIET_LOAD, durationMs: 4000, connections: 160, maxConnections: 256, closedConnections: 2 },
  percentiles: [50, 95, 99],
  seenByClosedLoop: false,
  treat: (_, atMicros) => {
    const wait = (stallEnd(atMicros) ?? atMicros) - atMicros;
    return { delayMicros: Math.max(BASE_MICROS, wait), status: 200, burnMicros: 0 };
  },
  // Outside the stalls the truth is the server's measurement; within them only the definition counts.
  truth: (percentile, witness) =>
    Math.max(asServed(Math.min(percentile, BESIDE), witness), stallLatency(percentile, witness)),
};
