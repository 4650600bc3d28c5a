/**
 * The inverse of a closed network: how many users fit a target. Throughput and response time of such networks never
 * fall as users are added, so each answer is found by doubling and bisection.
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
 * even one user waits longer
 */
export function usersWithinResponse(
  stations: readonly ClosedStation[],
  response: number,
  most: number = MOST_USERS,
): NetworkPoint | null {
  const users = lastThatFits((tried) => pointAt(stations, tried).response <= response, most);
  return users === 0 ? null : pointAt(stations, users);
}

/**
 * The fewest users that reach this throughput, and their response time. @param throughput completions per second
 * @returns null if no number of users up to `most` reaches it: it exceeds the capacity of some station
 */
export function usersForThroughput(
  stations: readonly ClosedStation[],
  throughput: number,
  most: number = MOST_USERS,
): NetworkPoint | null {
  const below = lastThatFits((tried) => pointAt(stations, tried).throughput < throughput, most);
  return below >= most ? null : pointAt(stations, below + 1);
}
