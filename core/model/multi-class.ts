/**
 * A network with several classes of requests: routes with different costs, or clients with sessions alongside clients with
 * tokens. A class is closed (a number of users) or open (arrivals at random at a given rate), and both may be mixed. Few
 * users are solved exactly. The number of mixes is the product of the numbers of users, so for many users the network is
 * solved approximately. Open classes take their share of each server first; for closed ones, the rest is a slower server
 * (Lazowska et al. 1984, section 7.4), which is exact. Times are in seconds, rates per second.
 */
import { convolution, MOST_CONVOLVED_USERS } from './mix/convolution.ts';
import { linearizer } from './mix/linearizer.ts';
import { meanValues } from './mix/mean-values.ts';
import { MixError, type MixNetwork, type MixStation, mixesOf, type Solved } from './mix/network.ts';
import { erlangC } from './open.ts';

export type Station =
  /**
   * One server. With `copies`, that many equal servers with a queue each, visited with the same probability. With
   * `servers`, that many at one queue.
   */
  | { readonly name: string; readonly kind: 'queue'; readonly copies?: number; readonly servers?: number }
  /** No queueing. */
  | { readonly name: string; readonly kind: 'delay'; readonly copies?: number }
  /** One queue that is served `speed(n)` times as fast with n ≥ 1 requests present as with one; positive, `speed(1)` is 1. */
  | { readonly name: string; readonly kind: 'load-dependent'; readonly speed: (present: number) => number };

export interface RequestClass {
  readonly name: string;
  /** Whole users, 0 or more; each has one request in flight, or is thinking. */
  readonly users: number;
  /** Service demand of one request of this class at each station, in the stations' order; over all copies. */
  readonly demands: readonly number[];
  /** Time between a response and the next request. */
  readonly think: number;
}

export interface OpenClass {
  readonly name: string;
  /** Arrivals per second, whether or not earlier requests were answered. */
  readonly rate: number;
  /** As of a closed class. */
  readonly demands: readonly number[];
}

export interface ClassAnswer {
  readonly name: string;
  /** Completions per second. */
  readonly throughput: number;
  /** Mean time in the network, without think time. */
  readonly response: number;
  /** Mean number of requests of this class at each station, by name. */
  readonly queueLength: ReadonlyMap<string, number>;
}

export interface MixAnswer {
  readonly method: 'exact' | 'linearizer';
  readonly classes: readonly ClassAnswer[];
  /**
   * Utilisation of each station, by name: 1 for servers that never idle; for a delay, the mean number present. Of a
   * load-dependent station, in units of its speed with one request.
   */
  readonly utilisation: ReadonlyMap<string, number>;
  /** Mean number of requests at each station, by name. */
  readonly queueLength: ReadonlyMap<string, number>;
}

/** The largest number of mixes solved exactly by default: a few milliseconds. */
const MOST_MIXES = 20_000;
/** The same for several servers at one queue, where the work grows with the square: some 50 ms. */
const MOST_CONVOLVED_MIXES = 1000;
/** The most numbers that the exact recursion may keep in memory: 400 MB. */
const MOST_EXACT = 50_000_000;
/** The most mixes of the exact solution with several servers at one queue: a few seconds. */
const MOST_CONVOLVED_EXACT = 10_000;

export interface MixOptions {
  /** Default `fitting`: exact if that is fast. */
  readonly method?: 'exact' | 'linearizer' | 'fitting';
}

/**
 * @throws {MixError} if a class takes no time, users are fractional, there are neither users nor arrivals, open classes need
 * all of a station, or the network is too large for the method
 */
export function solveMix(
  stations: readonly Station[],
  all: readonly (RequestClass | OpenClass)[],
  options: MixOptions = {},
): MixAnswer {
  check(stations, all);
  const open = all.filter((each) => 'rate' in each).filter(({ rate }) => rate > 0);
  const closed = all.filter((each) => 'users' in each).filter(({ users }) => users > 0);
  const busy = stations.map((_, k) => open.reduce((sum, { rate, demands }) => sum + rate * (demands[k] as number), 0));
  checkLoad(stations, busy);
  const network = closedNetwork(stations, closed, busy);
  const isExact = closed.length === 0 || chosenMethod(stations, network, busy, options) === 'exact';
  const solved = closed.length === 0 ? NOTHING : solveClosedPart(network, isExact);
  const rates = new Map<string, number>(open.map(({ name, rate }) => [name, rate]));
  for (const [c, { name }] of closed.entries()) rates.set(name, solved.throughput[c] as number);
  const closedAt = stations.map((_, k) =>
    closed.reduce((sum, __, c) => sum + (solved.throughput[c] as number) * (solved.residence[c]?.[k] as number), 0),
  );
  const residenceOf = new Map(closed.map(({ name }, c) => [name, solved.residence[c] as readonly number[]]));
  const classes = all.map((each): ClassAnswer => {
    const alone = 'rate' in each ? openResidence(stations, each, busy, closedAt) : each.demands;
    // A class without users gets the response time of a single user alone.
    const times = residenceOf.get(each.name) ?? alone;
    const throughput = rates.get(each.name) ?? 0;
    return {
      name: each.name,
      throughput,
      response: times.reduce((sum, time) => sum + time, 0),
      queueLength: new Map(stations.map(({ name }, k) => [name, throughput * (times[k] as number)])),
    };
  });
  const over = (k: number, of: (c: number) => number) =>
    all.reduce((sum, _, c) => sum + of(c), 0) / serversOf(stations[k]);
  return {
    method: isExact ? 'exact' : 'linearizer',
    classes,
    utilisation: new Map(
      stations.map(({ name }, k) => [
        name,
        over(k, (c) => (classes[c]?.throughput as number) * (all[c]?.demands[k] as number)),
      ]),
    ),
    queueLength: new Map(
      stations.map(({ name }) => [
        name,
        classes.reduce((sum, each) => sum + (each.queueLength.get(name) as number), 0),
      ]),
    ),
  };
}

const NOTHING: Solved = { throughput: [], residence: [] };

/** How many requests a station serves at once. */
function serversOf(station: Station | undefined): number {
  if (station === undefined || station.kind === 'load-dependent') return 1;
  return (station.copies ?? 1) * (station.kind === 'queue' ? (station.servers ?? 1) : 1);
}

/** Whether the speed of a single queue depends on the number present. */
const hasSpeed = (station: Station) =>
  station.kind === 'load-dependent' || (station.kind === 'queue' && (station.servers ?? 1) > 1);

function check(stations: readonly Station[], classes: readonly (RequestClass | OpenClass)[]): void {
  if (new Set(classes.map(({ name }) => name)).size < classes.length) throw new MixError('two classes share a name');
  if (new Set(stations.map(({ name }) => name)).size < stations.length) throw new MixError('two stations share a name');
  for (const station of stations) checkStation(station);
  if (!classes.some((each) => ('rate' in each ? each.rate > 0 : each.users > 0))) {
    throw new MixError('a mix needs one user or more, or an open class');
  }
  for (const each of classes) {
    const { name, demands } = each;
    if ('rate' in each) {
      if (!(each.rate >= 0 && Number.isFinite(each.rate)))
        throw new MixError(`${name} cannot arrive at ${each.rate}/s`);
    } else if (!Number.isInteger(each.users) || each.users < 0) {
      throw new MixError(`${name} needs whole users, not ${each.users}`);
    }
    if (demands.length !== stations.length) throw new MixError(`${name} needs one demand for each station`);
    const times = 'rate' in each ? demands : [...demands, each.think];
    if (!times.every((time) => time >= 0 && Number.isFinite(time))) throw new MixError(`${name} has a time below 0`);
    if (!demands.some((demand) => demand > 0)) throw new MixError(`no station takes ${name} any time`);
  }
}

function checkStation(station: Station): void {
  if (station.kind === 'load-dependent') return;
  const servers = station.kind === 'queue' ? (station.servers ?? 1) : 1;
  for (const count of [station.copies ?? 1, servers]) {
    if (!Number.isInteger(count) || count < 1) throw new MixError(`${station.name} needs whole servers, not ${count}`);
  }
  if (servers > 1 && (station.copies ?? 1) > 1) {
    throw new MixError(`${station.name} has copies or servers, not both`);
  }
}

/** @param busy mean number of requests of open classes in service, by station */
function checkLoad(stations: readonly Station[], busy: readonly number[]): void {
  for (const [k, station] of stations.entries()) {
    const load = busy[k] as number;
    if (load === 0 || station.kind === 'delay') continue;
    if (station.kind === 'load-dependent') {
      throw new MixError(`an open class cannot visit the load-dependent station ${station.name}`);
    }
    if (load >= serversOf(station)) throw new MixError(`the open classes need all of ${station.name}, or more`);
  }
}

/** The closed classes, with the stations as slow as open ones leave them. */
function closedNetwork(
  stations: readonly Station[],
  closed: readonly RequestClass[],
  busy: readonly number[],
): MixNetwork {
  const left = stations.map((station, k) =>
    station.kind === 'delay' ? 1 : 1 - (busy[k] as number) / serversOf(station),
  );
  return {
    stations: stations.map((station): MixStation => {
      const speed = speedOf(station);
      const copies = station.kind === 'queue' ? (station.copies ?? 1) : 1;
      return { isDelay: station.kind === 'delay', copies, speed };
    }),
    users: closed.map(({ users }) => users),
    demands: closed.map(({ demands }) => demands.map((demand, k) => demand / (left[k] as number))),
    think: closed.map(({ think }) => think),
  };
}

function speedOf(station: Station): MixStation['speed'] {
  if (!hasSpeed(station)) return null;
  if (station.kind === 'queue') return (present) => Math.min(present, station.servers ?? 1);
  if (station.kind === 'delay') return null;
  const { name, speed } = station;
  return (present) => {
    const found = speed(present);
    if (found > 0 && Number.isFinite(found)) return found;
    throw new MixError(`the station ${name} cannot be served ${found} times as fast with ${present} present`);
  };
}

function chosenMethod(
  stations: readonly Station[],
  network: MixNetwork,
  busy: readonly number[],
  { method = 'fitting' }: MixOptions,
): 'exact' | 'linearizer' {
  const { count } = mixesOf(network.users);
  const used = stations.filter(
    (station, k) => hasSpeed(station) && network.demands.some((row) => (row[k] as number) > 0),
  );
  // Open classes change how the speed of several servers depends on the closed ones.
  const isShared = used.some((station) => (busy[stations.indexOf(station)] as number) > 0);
  const people = network.users.reduce((sum, users) => sum + users, 0);
  const isSlow = used.length > 0;
  const most = isSlow ? MOST_CONVOLVED_EXACT : MOST_EXACT / stations.length;
  const isPossible = !isShared && count <= most && !(isSlow && people > MOST_CONVOLVED_USERS);
  if (method === 'exact' && !isPossible) {
    throw new MixError(
      isShared
        ? 'open and closed classes that share several servers have no exact solution here: take the method linearizer'
        : `${count} mixes of users are too many to solve exactly: take the method linearizer`,
    );
  }
  const isFast = isPossible && count <= (isSlow ? MOST_CONVOLVED_MIXES : MOST_MIXES);
  const chosen = method === 'exact' || (method === 'fitting' && isFast) ? 'exact' : 'linearizer';
  const dependent = used.find(({ kind }) => kind === 'load-dependent');
  if (chosen === 'linearizer' && dependent !== undefined) {
    throw new MixError(`the load-dependent station ${dependent.name} needs fewer users, or the method exact`);
  }
  return chosen;
}

function solveClosedPart(network: MixNetwork, isExact: boolean): Solved {
  if (!isExact) return linearizer(network);
  return network.stations.some(({ speed }) => speed !== null) ? convolution(network) : meanValues(network);
}

/**
 * The time of an open class at each station: that of a single server, or of M/M/c, lengthened by the closed requests that it
 * finds. @param closedAt mean number of closed requests, by station
 */
function openResidence(
  stations: readonly Station[],
  { demands }: OpenClass,
  busy: readonly number[],
  closedAt: readonly number[],
): number[] {
  return stations.map((station, k) => {
    const demand = demands[k] as number;
    if (station.kind !== 'queue' || demand === 0) return demand;
    const [load, servers, found] = [busy[k] as number, station.servers ?? 1, closedAt[k] as number];
    if (servers > 1) {
      // Seidmann's joint server for the closed requests, which makes a mixed answer approximate.
      const wait = (demand * erlangC(servers, load)) / (servers - load);
      return demand + wait + (demand / (servers - load)) * Math.max(0, found - Math.min(found, servers - 1));
    }
    const copies = station.copies ?? 1;
    return (demand * (1 + found / copies)) / (1 - load / copies);
  });
}
