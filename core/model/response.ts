/**
 * Response times of a request that passes a server and, for some requests, a store: two exponential stages in a row, each
 * an M/M/1 queue in equilibrium, whose sojourn times are independent (Burke 1956; Reich 1957). Times are in seconds.
 *
 * The report's page runs this file with its types stripped, so it imports nothing.
 */

export interface Stage {
  /** Mean time that one request keeps it busy. */
  readonly service: number;
  /** 0 to below 1. */
  readonly utilisation: number;
}

export interface Path {
  /** Of all requests: the shares of all paths add up to 1. */
  readonly share: number;
  readonly stages: readonly Stage[];
  /** Time on the network, where nothing queues. */
  readonly delay: number;
}

/** P(longer than `time`) of a sum of one or two independent exponential times with these means. */
function beyond(means: readonly number[], time: number): number {
  if (time <= 0) return 1;
  const [a = 0, b = 0] = means.toSorted((one, other) => other - one);
  if (a <= 0) return 0;
  if (b <= a * 1e-9) return Math.exp(-time / a);
  // Nearly equal means: their common limit is the Erlang distribution.
  if (a - b < a * 1e-6) return Math.exp(-time / a) * (1 + time / a);
  return (a * Math.exp(-time / a) - b * Math.exp(-time / b)) / (a - b);
}

/** Of all requests, the share that is not answered within `time`: all of them where a stage is as busy as it can be. */
export function answeredLater(paths: readonly Path[], time: number): number {
  const taken = paths.filter(({ share }) => share > 0);
  if (taken.some(({ stages }) => stages.some(({ utilisation }) => utilisation >= 1))) return 1;
  return taken.reduce((sum, { share, delay, stages }) => {
    const means = stages.map(({ service, utilisation }) => service / (1 - utilisation));
    return sum + share * beyond(means, time - delay);
  }, 0);
}

/**
 * The time within which a share `quantile` of requests is answered.
 * @param paths of at most two stages each
 * @returns Infinity where a stage that requests pass is as busy as it can be
 */
export function responseQuantile(paths: readonly Path[], quantile: number): number {
  if (answeredLater(paths, 1e9) > 1 - quantile) return Number.POSITIVE_INFINITY;
  let high = Math.max(1e-9, ...paths.map(({ delay }) => delay));
  while (answeredLater(paths, high) > 1 - quantile) high *= 2;
  let low = 0;
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (answeredLater(paths, middle) > 1 - quantile) low = middle;
    else high = middle;
  }
  return high;
}

/** The largest number between two ends that fits, where what fits has no gaps; null where the least does not. */
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
