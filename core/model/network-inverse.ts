/**
 * A closed network read backwards, numerically: how many users a promise carries. Throughput and response time of such
 * networks never fall as users are added, so each answer is found by doubling and then halving.
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

/** More users than this are not tried: no answer of the solver is of use there, and each costs the square of them. */
const MOST_USERS = 16_384;

function pointAt(stations: readonly ClosedStation[], users: number): NetworkPoint {
  const { throughput, response } = solveClosed(stations, users);
  return { users, throughput, response };
}

/** The last user count from 1 to `most` that fits, where what fits has no gaps; 0 where not even one does. */
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
 * The most users whose mean response time is at most this, and what they get.
 * @param response seconds
 * @returns null where even one user waits longer
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
 * The fewest users that reach this throughput, and the response time that it costs.
 * @param throughput completions per second
 * @returns null where no number of users up to `most` reaches it: beyond the capacity of some station
 */
export function usersForThroughput(
  stations: readonly ClosedStation[],
  throughput: number,
  most: number = MOST_USERS,
): NetworkPoint | null {
  const below = lastThatFits((tried) => pointAt(stations, tried).throughput < throughput, most);
  return below >= most ? null : pointAt(stations, below + 1);
}
