/**
 * The inverse of a closed network: how many users fit a target. Response time does not fall as users are added, unless the
 * rate of a load-dependent station grows faster than the number present, so its answer is found by doubling and bisection.
 * Throughput does fall where such a station gets slower under load; one solution has that of every smaller population.
 */
import { type ClosedStation, solveClosed } from './closed.ts';

export interface NetworkPoint {
  /** Whole users. */
  readonly users: number;
  /** Completions per second. */
  readonly throughput: number;
  /** Mean time in the network, without delays, seconds. */
  readonly response: number;
}

/** The most users tried: beyond this, no answer is useful, and the cost grows with their square. */
const MOST_USERS = 16_384;

function pointAt(stations: readonly ClosedStation[], users: number): NetworkPoint {
  const { throughput, response } = solveClosed(stations, users);
  return { users, throughput, response };
}

/** The largest user count from 1 to `most` that fits, if `fits` is monotonic; 0 if none does. */
function lastThatFits(fits: (users: number) => boolean, most: number): number {
  let low = 0;
  let high = 1;
  while (high < most && fits(high)) {
    low = high;
    high *= 2;
  }
  if (high >= most) high = most + 1;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/**
 * The most users with at most this mean response time, and their throughput. @param response seconds @returns null if
 * even one user waits longer, and for NaN
 */
export function usersWithinResponse(
  stations: readonly ClosedStation[],
  response: number,
  most: number = MOST_USERS,
): NetworkPoint | null {
  const users = lastThatFits((tried) => pointAt(stations, tried).response <= response, most);
  return users === 0 ? null : pointAt(stations, users);
}

/** The first population to be solved; the next ones are twice as large. */
const FIRST_TRIED = 64;

/**
 * The fewest users that reach this throughput, and their response time. @param throughput completions per second
 * @returns null if no number of users up to `most` reaches it, as it exceeds the capacity of some station, and for NaN
 */
export function usersForThroughput(
  stations: readonly ClosedStation[],
  throughput: number,
  most: number = MOST_USERS,
): NetworkPoint | null {
  for (let size = Math.min(FIRST_TRIED, most); ; size = Math.min(2 * size, most)) {
    const { throughputBy } = solveClosed(stations, size);
    const users = throughputBy.findIndex((found, population) => population > 0 && found >= throughput);
    if (users > 0) return pointAt(stations, users);
    if (size >= most) return null;
  }
}
