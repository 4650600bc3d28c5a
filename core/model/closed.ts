/**
 * Exact solution of a closed network with one class of requests: a fixed number of users, each of whom sends a
 * request when the previous one was answered. Rates are per second, times in seconds. Fixed-rate stations and delays
 * are solved by mean value analysis (Reiser & Lavenberg 1980). Load-dependent stations (several servers; Redis, which
 * works faster in batches) are added one by one by flow equivalence, which is exact for such networks (Norton's
 * theorem: Chandy, Herzog & Woo 1975): all stations so far act on the new one as a single station whose rate with m
 * requests is their throughput with m users, and two stations are a birth–death chain. The textbook recursion over
 * marginal probabilities gives the same result but subtracts, and loses all digits near saturation (Casale 2008);
 * here every term is positive.
 */

export type ClosedStation =
  /**
   * One server. With `copies`, that many equal servers, each visited with the same probability; `demand` is their
   * total.
   */
  | { readonly kind: 'queue'; readonly name: string; readonly demand: number; readonly copies?: number }
  /** No queueing: network, think time. */
  | { readonly kind: 'delay'; readonly name: string; readonly demand: number }
  /** Several servers at one queue. */
  | { readonly kind: 'servers'; readonly name: string; readonly demand: number; readonly servers: number }
  /** `rate(n)`: completions per second with n ≥ 1 requests present; positive. */
  | { readonly kind: 'load-dependent'; readonly name: string; readonly rate: (present: number) => number };

export interface ClosedSolution {
  /** Completions per second, by population from 0 to the requested one. */
  readonly throughputBy: Float64Array;
  readonly throughput: number;
  /** Mean time in the network, without delays, seconds. */
  readonly response: number;
  /** Mean number at each station, by name, over all copies. Computed on first use. */
  readonly queueLength: ReadonlyMap<string, number>;
}

export class ClosedNetworkError extends Error {
  override readonly name = 'ClosedNetworkError';
}

/**
 * The stations so far, combined into one: its throughput and the mean number at each of them, by the number of
 * requests in it.
 */
interface Composite {
  readonly throughput: Float64Array;
  /** Time at stations other than delays, with all users; NaN if only throughputs are known. */
  readonly residence: number;
  /** Lazy, because most callers need only the throughput, which takes a fraction of the time. */
  readonly queues: () => ReadonlyMap<string, Float64Array>;
}

/**
 * @param population number of users, at least 1 @throws {ClosedNetworkError} if there are no users, nothing takes
 * time, or a station is invalid
 */
export function solveClosed(stations: readonly ClosedStation[], population: number): ClosedSolution {
  if (!Number.isSafeInteger(population) || population < 1) {
    throw new ClosedNetworkError(`a closed network needs one user or more, not ${population}`);
  }
  checkStations(stations);
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
    const rates = Float64Array.from({ length: population + 1 }, (_, n) => (n === 0 ? 0 : rateOf(station, n)));
    all = all === null ? alone(station.name, rates) : join(all, station.name, rates);
  }
  if (all === null) throw new ClosedNetworkError('no station takes any time');
  const solved = all;
  const throughput = solved.throughput[population] ?? 0;
  const delays = new Set(used.flatMap(({ kind, name }) => (kind === 'delay' ? [name] : [])));
  const delay = used.reduce((sum, station) => sum + (station.kind === 'delay' ? station.demand : 0), 0);
  const present = () => [...solved.queues()].map(([name, by]) => [name, by[population] ?? 0] as const);
  const outside = () => present().reduce((sum, [name, number]) => sum + (delays.has(name) ? 0 : number), 0);
  const cycle = population / throughput;
  // A sum of positive numbers: subtracting a long delay would cancel all digits of a short response. The difference is
  // cheaper, and used where it loses none.
  const isShort = delay > LONG_DELAY * cycle;
  const response = others.length === 0 ? solved.residence : isShort ? outside() / throughput : cycle - delay;
  return {
    throughputBy: solved.throughput,
    throughput,
    response,
    get queueLength() {
      return new Map(present());
    },
  };
}

/** The share of a cycle from which on subtracting a delay loses more than two digits. */
const LONG_DELAY = 0.99;

function checkStations(stations: readonly ClosedStation[]): void {
  const fault = (name: string, what: string) => new ClosedNetworkError(`the station ${name} ${what}`);
  const names = new Set<string>();
  for (const station of stations) {
    const { name } = station;
    if (names.has(name)) throw fault(name, 'is there twice');
    names.add(name);
    if (station.kind === 'load-dependent') continue;
    if (!(station.demand >= 0 && Number.isFinite(station.demand))) throw fault(name, `cannot take ${station.demand} s`);
    const servers = station.kind === 'servers' ? station.servers : station.kind === 'queue' ? (station.copies ?? 1) : 1;
    if (!Number.isInteger(servers) || servers < 1) throw fault(name, `cannot have ${servers} servers`);
  }
}

function rateOf(
  { name, rate }: { readonly name: string; readonly rate: (present: number) => number },
  present: number,
) {
  const found = rate(present);
  if (found > 0) return found;
  throw new ClosedNetworkError(`the station ${name} cannot complete ${found} a second with ${present} present`);
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
      // Arrival theorem: a request finds the mean queue of the network with one user less.
      const found = kind === 'delay' ? 0 : (row.queue[n - 1] ?? 0) / copies;
      row.residence = demand * (1 + found);
      cycle += row.residence;
    }
    const rate = n / cycle;
    throughput[n] = rate;
    for (const row of rows) row.queue[n] = rate * row.residence;
  }
  const queues = new Map(rows.map(({ station, queue }) => [station.name, queue]));
  const residence = rows.reduce((sum, row) => sum + (row.station.kind === 'delay' ? 0 : row.residence), 0);
  return { throughput, residence, queues: () => queues };
}

function alone(name: string, rates: Float64Array): Composite {
  const queues = new Map([[name, Float64Array.from(rates, (_, n) => n)]]);
  return { throughput: rates, residence: Number.NaN, queues: () => queues };
}

/** Weights are rescaled before they overflow; what then underflows does not contribute to the sum. */
const TOO_LARGE = 1e200;

/** weight[k] is proportional to the probability of k requests at the new station and the others in the rest. */
function join(rest: Composite, name: string, rates: Float64Array): Composite {
  const size = rates.length;
  const throughput = new Float64Array(size);
  const times = rates.map((rate) => 1 / rate);
  for (let all = 1; all < size; all++) {
    let weight = 1;
    let sum = 1;
    let flow = 0;
    for (let here = 1; here <= all; here++) {
      // Balance: the flow from the rest to the new station with here − 1 requests equals the flow back with here.
      const step = weight * (rest.throughput[all - here + 1] as number);
      flow += step;
      weight = step * (times[here] as number);
      sum += weight;
      if (weight > TOO_LARGE) {
        sum /= weight;
        flow /= weight;
        weight = 1;
      }
    }
    throughput[all] = flow / sum;
  }
  let queues: ReadonlyMap<string, Float64Array> | null = null;
  return { throughput, residence: Number.NaN, queues: () => (queues ??= queuesOf(rest, name, times)) };
}

function queuesOf(rest: Composite, name: string, times: Float64Array): ReadonlyMap<string, Float64Array> {
  const size = times.length;
  const own = new Float64Array(size);
  const olds = [...rest.queues()].map(([station, before]) => ({ station, before, after: new Float64Array(size) }));
  const weights = new Float64Array(size);
  for (let all = 1; all < size; all++) {
    let weight = 1;
    let sum = 1;
    weights[0] = 1;
    for (let here = 1; here <= all; here++) {
      weight *= (rest.throughput[all - here + 1] as number) * (times[here] as number);
      weights[here] = weight;
      sum += weight;
      if (weight > TOO_LARGE) {
        for (let k = 0; k <= here; k++) weights[k] = (weights[k] as number) / weight;
        sum /= weight;
        weight = 1;
      }
    }
    let mean = 0;
    for (let here = 1; here <= all; here++) mean += ((weights[here] as number) / sum) * here;
    own[all] = mean;
    for (const { before, after } of olds) {
      let number = 0;
      for (let here = 0; here < all; here++)
        number += ((weights[here] as number) / sum) * (before[all - here] as number);
      after[all] = number;
    }
  }
  return new Map([...olds.map(({ station, after }) => [station, after] as const), [name, own]]);
}
