/**
 * Open queues: requests arrive at random (Poisson) at a given rate, whether or not earlier ones were answered. Rates
 * are per second, times in seconds. Sources: Erlang 1917; Kleinrock 1975, chapter 3.
 */

/** The queue is no queue. */
export class OpenQueueError extends Error {
  override readonly name = 'OpenQueueError';
}

function checkServers(servers: number): void {
  if (!Number.isInteger(servers) || servers < 1) {
    throw new OpenQueueError(`a queue has whole servers, 1 or more, not ${servers}`);
  }
}

function checkQueue({ arrivalRate, service, servers }: OpenQueue): void {
  checkServers(servers);
  for (const [what, value] of [
    ['rate of arrivals', arrivalRate],
    ['service time', service],
  ] as const) {
    if (!(value >= 0 && Number.isFinite(value))) throw new OpenQueueError(`a ${what} is 0 or more, not ${value}`);
  }
}

/**
 * P(wait) of M/M/c with `load` = λ·s busy servers on average; 1 if `load ≥ servers`. Numerically stable for any
 * number of servers. @throws {OpenQueueError} for servers that are not a positive integer, or a load below 0
 */
export function erlangC(servers: number, load: number): number {
  checkServers(servers);
  if (!(load >= 0)) throw new OpenQueueError(`a load is 0 or more, not ${load}`);
  if (load === 0) return 0;
  if (load >= servers) return 1;
  const blocked = erlangB(servers, load);
  return (servers * blocked) / (servers - load * (1 - blocked));
}

/** P(all servers are busy) if nobody waits: Erlang's loss formula. @throws {OpenQueueError} as `erlangC` does */
export function erlangB(servers: number, load: number): number {
  checkServers(servers);
  if (!(load >= 0)) throw new OpenQueueError(`a load is 0 or more, not ${load}`);
  let blocked = 1;
  for (let n = 1; n <= servers; n++) blocked = (load * blocked) / (n + load * blocked);
  return blocked;
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
  /** Mean number present, waiting or in service. */
  readonly present: number;
  /** Mean number waiting (Lq). */
  readonly waiting: number;
  /** P(an arriving request waits). */
  readonly waits: number;
  /** P(nobody is present) (P₀). */
  readonly idle: number;
}

/** M/M/c. @throws {OpenQueueError} for servers that are not a positive integer, or a rate or time below 0 */
export function openQueue(queue: OpenQueue): OpenAnswer {
  checkQueue(queue);
  const { arrivalRate, service, servers } = queue;
  const load = arrivalRate * service;
  const utilisation = load / servers;
  if (utilisation >= 1) {
    const never = Number.POSITIVE_INFINITY;
    return { utilisation, response: never, wait: never, present: never, waiting: never, waits: 1, idle: 0 };
  }
  const waits = erlangC(servers, load);
  const wait = (waits * service) / (servers - load);
  const [response, waiting] = [wait + service, arrivalRate * wait];
  return { utilisation, response, wait, present: load + waiting, waiting, waits, idle: idleShare(servers, load) };
}

/** P₀: 1 over the sum of aⁿ/n! below c, and of the geometric rest, scaled by its largest term so that none overflows. */
function idleShare(servers: number, load: number): number {
  let [logTerm, logSum] = [0, 0];
  for (let n = 1; n <= servers; n++) {
    logTerm += Math.log(load / n);
    const term = n === servers ? logTerm + Math.log(servers / (servers - load)) : logTerm;
    const [high, low] = term > logSum ? [term, logSum] : [logSum, term];
    logSum = high + Math.log1p(Math.exp(low - high));
  }
  return Math.exp(-logSum);
}

/**
 * The `quantile` of the waiting time of M/M/c, first come first served, which is 0 or exponential. @param quantile from 0 to
 * below 1 @throws {OpenQueueError} as `openQueue` does, and for a quantile outside
 */
export function waitQuantile(queue: OpenQueue, quantile: number): number {
  checkQueue(queue);
  if (!(quantile >= 0 && quantile < 1)) throw new OpenQueueError(`a quantile lies in [0, 1), not at ${quantile}`);
  const { arrivalRate, service, servers } = queue;
  const load = arrivalRate * service;
  if (load >= servers) return Number.POSITIVE_INFINITY;
  const waiting = erlangC(servers, load);
  return waiting <= 1 - quantile ? 0 : (Math.log(waiting / (1 - quantile)) * service) / (servers - load);
}
