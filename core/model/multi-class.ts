/**
 * A closed network with several classes of requests: routes with different costs, or clients with sessions alongside
 * clients with tokens. Few users are solved exactly, by mean value analysis over every mix of users (Reiser &
 * Lavenberg 1980). The number of mixes is the product of the numbers of users, so for many users the network is solved
 * approximately, by Linearizer (Chandy & Neuse 1982): within a percent or two of the exact answer wherever both can be
 * computed. Times are in seconds, rates per second.
 */

export interface Station {
  readonly name: string;
  /** `queue`: one server, or `copies` of it, each visited with the same probability. `delay`: no queueing. */
  readonly kind: 'queue' | 'delay';
  readonly copies?: number;
}

export interface RequestClass {
  readonly name: string;
  /** Whole users, 0 or more; each has one request in flight, or is thinking. */
  readonly users: number;
  /** Service demand of one request of this class at each station, in the stations' order; over all copies. */
  readonly demands: readonly number[];
  /** Time between a response and the next request. */
  readonly think: number;
}

export interface ClassAnswer {
  readonly name: string;
  /** Completions per second. */
  readonly throughput: number;
  /** Mean time in the network, without think time. */
  readonly response: number;
}

export interface MixAnswer {
  readonly method: 'exact' | 'linearizer';
  readonly classes: readonly ClassAnswer[];
  /**
   * Utilisation of each station, by name: 1 for a single server that never idles; for a delay, the mean number
   * present.
   */
  readonly utilisation: ReadonlyMap<string, number>;
  /** Mean number of requests at each station, by name. */
  readonly queueLength: ReadonlyMap<string, number>;
}

export class MixError extends Error {
  override readonly name = 'MixError';
}

/** The largest number of mixes solved exactly by default: a few milliseconds. */
const MOST_MIXES = 20_000;
/** The most numbers that the exact recursion may keep in memory: 400 MB. */
const MOST_EXACT = 50_000_000;

export interface MixOptions {
  /** Default `fitting`: exact if that is fast. */
  readonly method?: 'exact' | 'linearizer' | 'fitting';
}

/** @throws {MixError} if a class takes no time, users are fractional, or there are no users */
export function solveMix(
  stations: readonly Station[],
  all: readonly RequestClass[],
  options: MixOptions = {},
): MixAnswer {
  check(stations, all);
  const classes = all.filter(({ users }) => users > 0);
  const mixes = classes.reduce((product, { users }) => product * (users + 1), 1);
  const method = options.method ?? 'fitting';
  const isExact = method === 'exact' || (method === 'fitting' && mixes <= MOST_MIXES);
  if (isExact && mixes * stations.length > MOST_EXACT) {
    throw new MixError(`${mixes} mixes of users are too many to solve exactly: take the method linearizer`);
  }
  const solved = isExact ? exact(stations, classes) : linearizer(stations, classes);
  const rateOf = new Map(classes.map(({ name }, c) => [name, solved.throughput[c] ?? 0]));
  const responseOf = new Map(classes.map(({ name }, c) => [name, solved.response[c] ?? 0]));
  return {
    method: isExact ? 'exact' : 'linearizer',
    classes: all.map(({ name, demands }) => ({
      name,
      throughput: rateOf.get(name) ?? 0,
      // A class without users gets the response time of a single user alone.
      response: responseOf.get(name) ?? demands.reduce((sum, demand) => sum + demand, 0),
    })),
    utilisation: new Map(
      stations.map(({ name, copies = 1 }, k) => [
        name,
        all.reduce((sum, each) => sum + ((rateOf.get(each.name) ?? 0) * (each.demands[k] ?? 0)) / copies, 0),
      ]),
    ),
    queueLength: new Map(stations.map(({ name }, k) => [name, solved.queues[k] ?? 0])),
  };
}

interface Solved {
  /** Results by class. */
  readonly throughput: readonly number[];
  /** Time in the network, without think time. */
  readonly response: readonly number[];
  /** By station, over all classes. */
  readonly queues: readonly number[];
}

function check(stations: readonly Station[], classes: readonly RequestClass[]): void {
  if (new Set(classes.map(({ name }) => name)).size < classes.length) throw new MixError('two classes share a name');
  if (new Set(stations.map(({ name }) => name)).size < stations.length) throw new MixError('two stations share a name');
  for (const { name, copies = 1 } of stations) {
    if (!Number.isInteger(copies) || copies < 1) throw new MixError(`${name} needs whole servers, not ${copies}`);
  }
  if (!classes.some(({ users }) => users > 0)) throw new MixError('a mix needs one user or more');
  for (const { name, users, demands, think } of classes) {
    if (!Number.isInteger(users) || users < 0) throw new MixError(`${name} needs whole users, not ${users}`);
    if (demands.length !== stations.length) throw new MixError(`${name} needs one demand for each station`);
    const times = [...demands, think];
    if (!times.every((time) => time >= 0 && Number.isFinite(time))) throw new MixError(`${name} has a time below 0`);
    if (!demands.some((demand) => demand > 0)) throw new MixError(`no station takes ${name} any time`);
  }
}

/** The number of requests that an arriving one finds at a station, per server; at a delay it does not matter. */
const found = ({ kind, copies = 1 }: Station, present: number) => (kind === 'delay' ? 0 : present / copies);

function exact(stations: readonly Station[], classes: readonly RequestClass[]): Solved {
  const strides: number[] = [];
  let mixes = 1;
  for (const { users } of classes) {
    strides.push(mixes);
    mixes *= users + 1;
  }
  const size = stations.length;
  // Only the number of requests at each station is needed of each smaller mix.
  const queues = new Float64Array(mixes * size);
  const throughput = new Float64Array(classes.length);
  const response = new Float64Array(classes.length);
  const residence = new Float64Array(size);
  for (let mix = 1; mix < mixes; mix++) {
    for (const [c, { users, demands, think }] of classes.entries()) {
      const stride = strides[c] as number;
      const present = Math.floor(mix / stride) % (users + 1);
      throughput[c] = 0;
      if (present === 0) continue;
      // Arrival theorem: a request finds the mean state of the network without it.
      const before = (mix - stride) * size;
      let time = 0;
      for (let k = 0; k < size; k++) {
        residence[k] = (demands[k] as number) * (1 + found(stations[k] as Station, queues[before + k] as number));
        time += residence[k] as number;
      }
      const rate = present / (think + time);
      throughput[c] = rate;
      response[c] = time;
      for (let k = 0; k < size; k++) {
        queues[mix * size + k] = (queues[mix * size + k] as number) + rate * (residence[k] as number);
      }
    }
  }
  const last = queues.subarray((mixes - 1) * size);
  return { throughput: [...throughput], response: [...response], queues: [...last] };
}

/** Iterations of Linearizer, as recommended by its authors. */
const ROUNDS = 3;
/** Relative tolerance of the fixed point. */
const TOLERANCE = 1e-7;
const MOST_STEPS = 10_000;

/** A table by class and station. */
type Table = Float64Array[];

function linearizer(stations: readonly Station[], classes: readonly RequestClass[]): Solved {
  const size = stations.length;
  const users = classes.map((each) => each.users);
  const table = (fill: (c: number, k: number) => number): Table =>
    classes.map((_, c) => Float64Array.from({ length: size }, (_, k) => fill(c, k)));
  // How the share of a class at a station changes if a user of class j is removed: one table for each j.
  const changes = classes.map(() => table(() => 0));
  const reduced = classes.map((_, j) => users.map((count, c) => count - (c === j ? 1 : 0)));
  const start = (counts: readonly number[]) => table((c) => (counts[c] as number) / size);
  let whole = start(users);
  const without = reduced.map(start);
  for (let round = 0; round < ROUNDS; round++) {
    whole = settle(stations, classes, users, whole, changes).queues;
    if (round === ROUNDS - 1) break;
    for (const [j, counts] of reduced.entries()) {
      without[j] = settle(stations, classes, counts, without[j] as Table, changes).queues;
    }
    for (const [j, counts] of reduced.entries()) {
      for (const [c, row] of (changes[j] as Table).entries()) {
        for (let k = 0; k < size; k++) {
          const fewer = counts[c] as number;
          const shareWithout = fewer > 0 ? ((without[j] as Table)[c]?.[k] as number) / fewer : 0;
          row[k] = fewer > 0 ? shareWithout - (whole[c]?.[k] as number) / (users[c] as number) : 0;
        }
      }
    }
  }
  const { throughput, response, queues } = settle(stations, classes, users, whole, changes);
  return {
    throughput,
    response,
    queues: stations.map((_, k) => queues.reduce((sum, row) => sum + (row[k] as number), 0)),
  };
}

/**
 * The fixed point for these user counts, given how shares change with one user less (Schweitzer 1979, with
 * corrections).
 */
function settle(
  stations: readonly Station[],
  classes: readonly RequestClass[],
  counts: readonly number[],
  first: Table,
  changes: readonly Table[],
): { readonly throughput: number[]; readonly response: number[]; readonly queues: Table } {
  const size = stations.length;
  let queues = first;
  const throughput = classes.map(() => 0);
  const response = classes.map(() => 0);
  for (let step = 0; step < MOST_STEPS; step++) {
    const next: Table = classes.map(() => new Float64Array(size));
    let moved = 0;
    for (const [j, { demands, think }] of classes.entries()) {
      const own = counts[j] as number;
      throughput[j] = 0;
      if (own === 0) continue;
      const row = next[j] as Float64Array;
      let time = 0;
      for (let k = 0; k < size; k++) {
        let present = 0;
        for (let c = 0; c < classes.length; c++) {
          const count = counts[c] as number;
          if (count === 0) continue;
          const share = (queues[c]?.[k] as number) / count + (changes[j]?.[c]?.[k] as number);
          present += (count - (c === j ? 1 : 0)) * Math.max(0, share);
        }
        row[k] = (demands[k] as number) * (1 + found(stations[k] as Station, present));
        time += row[k] as number;
      }
      const rate = own / (think + time);
      throughput[j] = rate;
      response[j] = time;
      for (let k = 0; k < size; k++) {
        row[k] = (row[k] as number) * rate;
        moved = Math.max(moved, Math.abs((row[k] as number) - (queues[j]?.[k] as number)) / own);
      }
    }
    queues = next;
    if (moved < TOLERANCE) break;
  }
  return { throughput, response, queues };
}
