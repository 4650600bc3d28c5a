/**
 * Open queues: requests arrive at random (Poisson) at a given rate, whether or not earlier ones were answered. Rates
 * are per second, times in seconds. Sources: Erlang 1917; Kleinrock 1975, chapter 3.
 */

/**
 * P(wait) of M/M/c with `load` = λ·s busy servers on average; 1 if `load ≥ servers`. Numerically stable for any
 * number of servers.
 */
export function erlangC(servers: number, load: number): number {
  if (load <= 0) return 0;
  if (load >= servers) return 1;
  let blocked = 1;
  for (let n = 1; n <= servers; n++) blocked = (load * blocked) / (n + load * blocked);
  return (servers * blocked) / (servers - load * (1 - blocked));
}

export interface OpenQueue {
  readonly arrivalRate: number;
  /** Mean service time of one request. */
  readonly service: number;
  readonly servers: number;
}

export interface OpenAnswer {
  /** The utilisation of each server; at 1 or more the queue grows without bound, and all times are Infinity. */
  readonly utilisation: number;
  /** Mean time from arrival to completion. */
  readonly response: number;
  readonly wait: number;
  /** Mean number present. */
  readonly present: number;
}

/** M/M/c. */
export function openQueue({ arrivalRate, service, servers }: OpenQueue): OpenAnswer {
  const load = arrivalRate * service;
  const utilisation = load / servers;
  if (utilisation >= 1) {
    const never = Number.POSITIVE_INFINITY;
    return { utilisation, response: never, wait: never, present: never };
  }
  const wait = (erlangC(servers, load) * service) / (servers - load);
  return { utilisation, response: wait + service, wait, present: arrivalRate * (wait + service) };
}

/** The `quantile` of the waiting time of M/M/c, which is 0 or exponential. */
export function waitQuantile({ arrivalRate, service, servers }: OpenQueue, quantile: number): number {
  const load = arrivalRate * service;
  if (load >= servers) return Number.POSITIVE_INFINITY;
  const waiting = erlangC(servers, load);
  return waiting <= 1 - quantile ? 0 : (Math.log(waiting / (1 - quantile)) * service) / (servers - load);
}
