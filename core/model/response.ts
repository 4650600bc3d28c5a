/**
 * Response times of a request that visits a server and, for some requests, a store: two exponential stages in series,
 * each an M/M/1 queue in equilibrium, with independent sojourn times (Burke 1956; Reich 1957). Times are in seconds.
 * The report's page runs this file with its types stripped, so it imports nothing.
 */

export interface Stage {
  /** Mean service time of one request. */
  readonly service: number;
  /** 0 to below 1. */
  readonly utilisation: number;
}

export interface Path {
  /** The share of all requests that take this path; all shares add up to 1. */
  readonly share: number;
  readonly stages: readonly Stage[];
  /** Time on the network, without queueing. */
  readonly delay: number;
}

/** P(sum > `time`) for two independent exponential times with these means, `a` the larger. */
function beyond(a: number, b: number, time: number): number {
  if (time <= 0) return 1;
  if (a <= 0) return 0;
  if (b <= a * 1e-9) return Math.exp(-time / a);
  // Nearly equal means: their common limit is the Erlang distribution.
  if (a - b < a * 1e-6) return Math.exp(-time / a) * (1 + time / a);
  return (a * Math.exp(-time / a) - b * Math.exp(-time / b)) / (a - b);
}

interface Leg {
  readonly share: number;
  readonly delay: number;
  readonly longer: number;
  readonly shorter: number;
}

/** @returns null if a stage on a path is saturated */
function legsOf(paths: readonly Path[]): Leg[] | null {
  const legs: Leg[] = [];
  for (const { share, delay, stages } of paths) {
    if (share <= 0) continue;
    if (stages.some(({ utilisation }) => utilisation >= 1)) return null;
    const [first = 0, second = 0] = stages.map(({ service, utilisation }) => service / (1 - utilisation));
    legs.push({ share, delay, longer: Math.max(first, second), shorter: Math.min(first, second) });
  }
  return legs;
}

function later(legs: readonly Leg[], time: number): number {
  let sum = 0;
  for (const { share, delay, longer, shorter } of legs) sum += share * beyond(longer, shorter, time - delay);
  return sum;
}

/** The share of all requests answered after `time`: all of them if a stage is saturated. */
export function answeredLater(paths: readonly Path[], time: number): number {
  const legs = legsOf(paths);
  return legs === null ? 1 : later(legs, time);
}

/**
 * The time within which a share `quantile` of requests is answered. @param paths of at most two stages each @returns
 * Infinity if a stage on a path is saturated, or the quantile is 1
 */
export function responseQuantile(paths: readonly Path[], quantile: number): number {
  const legs = legsOf(paths);
  if (legs === null || (quantile >= 1 && legs.some(({ longer }) => longer > 0))) return Number.POSITIVE_INFINITY;
  let high = Math.max(1e-9, ...legs.map(({ delay }) => delay));
  while (later(legs, high) > 1 - quantile) high *= 2;
  let low = 0;
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (later(legs, middle) > 1 - quantile) low = middle;
    else high = middle;
  }
  return high;
}

/** The largest number in a range that fits, if `fits` is monotonic; null if even the lowest does not. */
export function largest(low: number, high: number, fits: (value: number) => boolean): number | null {
  if (!fits(low)) return null;
  if (fits(high)) return high;
  let [least, most] = [Math.log(low), Math.log(high)];
  for (let i = 0; i < 60; i++) {
    const middle = (least + most) / 2;
    if (fits(Math.exp(middle))) least = middle;
    else most = middle;
  }
  return Math.exp(least);
}
