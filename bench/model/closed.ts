/**
 * Exact solution of a closed network with one class of requests: a fixed number of users, each of which sends its next
 * request when the last was answered. Rates are per second, times in seconds.
 *
 * Stations of a fixed rate, and delays, are solved by mean value analysis (Reiser & Lavenberg 1980). Stations whose rate
 * depends on how many are there (several servers; Redis, which works faster in batches) are added one by one by flow
 * equivalence, which is exact for such networks (Norton's theorem: Chandy, Herzog & Woo 1975): all stations so far act
 * on the new one as a single station whose rate with m requests in it is their throughput with m users, and two stations
 * are a birth–death chain. The textbook recursion over marginal probabilities gives the same but subtracts, and loses all
 * digits near saturation (Casale 2008); here every term is positive.
 */

export type ClosedStation =
  /** One server. With `copies`, so many alike, each met by a request with the same probability; `demand` is for all. */
  | { readonly kind: 'queue'; readonly name: string; readonly demand: number; readonly copies?: number }
  /** Nobody queues: network, think time. */
  | { readonly kind: 'delay'; readonly name: string; readonly demand: number }
  /** Several servers at one queue. */
  | { readonly kind: 'servers'; readonly name: string; readonly demand: number; readonly servers: number }
  /** `rate(n)`: completions per second with n ≥ 1 requests present; positive. */
  | { readonly kind: 'load-dependent'; readonly name: string; readonly rate: (present: number) => number };

export interface ClosedSolution {
  /** Completions per second, by population from 0 to the one asked for. */
  readonly throughputBy: Float64Array;
  readonly throughput: number;
  /** Mean time in the network, without delays, seconds. */
  readonly response: number;
  /** Mean number at each station, by name; of all copies together. */
  readonly queueLength: ReadonlyMap<string, number>;
}

export class ClosedNetworkError extends Error {
  override readonly name = 'ClosedNetworkError';
}

/** Stations so far, as one: its throughput and the mean number at each of them, by the number of requests within. */
interface Composite {
  readonly throughput: Float64Array;
  readonly queues: ReadonlyMap<string, Float64Array>;
}

/** @param population number of users, from 1 on @throws {ClosedNetworkError} for no users, or nothing that takes time */
export function solveClosed(stations: readonly ClosedStation[], population: number): ClosedSolution {
  if (!Number.isInteger(population) || population < 1) {
    throw new ClosedNetworkError(`a closed network needs one user or more, not ${population}`);
  }
  const used = stations.filter((station) => station.kind === 'load-dependent' || station.demand > 0);
  const simple = used.filter((station) => station.kind === 'queue' || station.kind === 'delay');
  const others = used.flatMap((station) => {
    if (station.kind === 'servers') {
      const { demand, servers, name } = station;
      return [{ name, rate: (present: number) => Math.min(present, servers) / demand }];
    }
    return station.kind === 'load-dependent' ? [station] : [];
  });
  let all: Composite | null = simple.length === 0 ? null : meanValueAnalysis(simple, population);
  for (const station of others) {
    const rates = Float64Array.from({ length: population + 1 }, (_, n) => (n === 0 ? 0 : station.rate(n)));
    all = all === null ? alone(station.name, rates) : join(all, station.name, rates);
  }
  if (all === null) throw new ClosedNetworkError('no station takes any time');
  const throughput = all.throughput[population] ?? 0;
  const delay = used.reduce((sum, station) => sum + (station.kind === 'delay' ? station.demand : 0), 0);
  return {
    throughputBy: all.throughput,
    throughput,
    response: population / throughput - delay,
    queueLength: new Map([...all.queues].map(([name, by]) => [name, by[population] ?? 0])),
  };
}

type SimpleStation = Extract<ClosedStation, { kind: 'queue' | 'delay' }>;

function meanValueAnalysis(stations: readonly SimpleStation[], population: number): Composite {
  const throughput = new Float64Array(population + 1);
  const rows = stations.map((station) => ({ station, queue: new Float64Array(population + 1), residence: 0 }));
  for (let n = 1; n <= population; n++) {
    let cycle = 0;
    for (const row of rows) {
      const { kind, demand } = row.station;
      const copies = row.station.kind === 'queue' ? (row.station.copies ?? 1) : 1;
      // Arrival theorem: a request finds what the network with one user less holds on average.
      const found = kind === 'delay' ? 0 : (row.queue[n - 1] ?? 0) / copies;
      row.residence = demand * (1 + found);
      cycle += row.residence;
    }
    const rate = n / cycle;
    throughput[n] = rate;
    for (const row of rows) row.queue[n] = rate * row.residence;
  }
  return { throughput, queues: new Map(rows.map(({ station, queue }) => [station.name, queue])) };
}

function alone(name: string, rates: Float64Array): Composite {
  return { throughput: rates, queues: new Map([[name, Float64Array.from(rates, (_, n) => n)]]) };
}

/** Weights are rescaled before they leave the range of doubles; what then underflows is no part of the sum. */
const TOO_LARGE = 1e200;

function join(rest: Composite, name: string, rates: Float64Array): Composite {
  const size = rates.length;
  const throughput = new Float64Array(size);
  const own = new Float64Array(size);
  const olds = [...rest.queues].map(([station, before]) => ({ station, before, after: new Float64Array(size) }));
  const weights = new Float64Array(size);
  for (let all = 1; all < size; all++) {
    // weights[k] is proportional to the probability of k here and the others in the rest.
    let weight = 1;
    let sum = 1;
    weights[0] = 1;
    for (let here = 1; here <= all; here++) {
      weight *= (rest.throughput[all - here + 1] ?? 0) / (rates[here] ?? 1);
      weights[here] = weight;
      sum += weight;
      if (weight > TOO_LARGE) {
        for (let k = 0; k <= here; k++) weights[k] = (weights[k] ?? 0) / weight;
        sum /= weight;
        weight = 1;
      }
    }
    let rate = 0;
    let mean = 0;
    for (let here = 1; here <= all; here++) {
      const probability = (weights[here] ?? 0) / sum;
      rate += probability * (rates[here] ?? 0);
      mean += probability * here;
    }
    throughput[all] = rate;
    own[all] = mean;
    for (const { before, after } of olds) {
      let number = 0;
      for (let here = 0; here < all; here++) number += (weights[here] ?? 0) * (before[all - here] ?? 0);
      after[all] = number / sum;
    }
  }
  return { throughput, queues: new Map([...olds.map(({ station, after }) => [station, after] as const), [name, own]]) };
}
