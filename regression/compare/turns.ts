/** Loads the sides of a fork in turns, and reads the cost of each turn. */
import { readdirSync, readFileSync } from 'node:fs';
import { setImmediate as nextTick } from 'node:timers/promises';
import type { Fleet } from '../../bench/fleet/fleet.ts';
import type { Generator } from '../../bench/load/generator.ts';
import type { Tally } from '../../bench/load/replies.ts';
import { processesOf } from '../../bench/measuring/slices.ts';
import { type CpuAccount, type CpuReading, cpuBetween } from '../../bench/processes/cpu.ts';
import { processTree } from '../../bench/processes/trees/process-tree.ts';
import { openTreeAccount } from '../../bench/processes/trees/tree-accounts.ts';
import { environmentError } from '../../core/errors.ts';
import { STANDARD_IN_FLIGHT } from '../../core/results/standard-load.ts';
import { createRandom } from '../../core/stats/random.ts';
import type { Turn } from './costs/costs.ts';

export interface TurnsOptions {
  readonly generator: Generator;
  readonly fleets: readonly Fleet[];
  /** Of each side. */
  readonly turns: number;
  readonly batchesPerTurn: number;
  readonly seed: number;
  readonly signal: AbortSignal;
}

/**
 * The order of the sides' turns: a random order and then its reverse, so that over two rounds no side is
 * systematically early. The last of a round finds warmer caches than the first. Pure. @returns indices of the sides,
 * round by round
 */
export function balancedOrders(sides: number, rounds: number, seed: number): number[][] {
  const random = createRandom(seed);
  const orders: number[][] = [];
  while (orders.length < rounds) {
    const order = random.shuffle(Array.from({ length: sides }, (_, i) => i));
    orders.push(order, order.toReversed());
  }
  return orders.slice(0, rounds);
}

/**
 * If processes exit in more than one turn of ten, they are part of the cost of requests, so omitting those turns
 * would make the service cheaper than it is.
 */
const MOST_WITH_ENDS = 0.1;

/**
 * @returns the usable turns of each side by its key; those of equal index belong to one round @throws TollgateError
 * if processes exit repeatedly, so that only control groups could account for them
 */
export async function loadInTurns(options: TurnsOptions): Promise<Map<string, Turn[]>> {
  const accounts = options.fleets.map((fleet) => new FleetAccount(fleet));
  try {
    return await inTurns(options, accounts);
  } finally {
    for (const account of accounts) account.close();
  }
}

async function inTurns(options: TurnsOptions, accounts: readonly FleetAccount[]): Promise<Map<string, Turn[]>> {
  const { generator, fleets, turns, batchesPerTurn, seed, signal } = options;
  const found = new Map(fleets.map(({ spec }): [string, Turn[]] => [spec.key, []]));
  const withEnds = fleets.map(() => 0);
  let pauses = await pausesOf(fleets);
  for (const order of balancedOrders(fleets.length, turns, seed)) {
    signal.throwIfAborted();
    const before: (Reading | null)[] = fleets.map(() => null);
    const tallies: (Tally | undefined)[] = fleets.map(() => undefined);
    for (const i of order) {
      const { spec } = fleets[i] as Fleet;
      before[i] = (await accounts[i]?.read()) ?? null;
      const load = { rounds: 1, batches: batchesPerTurn, inFlight: STANDARD_IN_FLIGHT, seed, keys: [spec.key] };
      tallies[i] = (await generator.ask('paired', { ...load, accounts: false }))[0];
    }
    const after: (Reading | null)[] = [];
    for (const account of accounts) after.push(await account.read(allThreads));
    const pausesBefore = pauses;
    pauses = await pausesOf(fleets);
    const round = fleets.map((_, i) => {
      const [start, end, tally] = [before[i], after[i], tallies[i]];
      if (!start || !end || !tally || !isUsable(tally)) return null;
      const turn = turnOf(start, end, tally.requests, differenceOf(pausesBefore[i], pauses[i]));
      if (turn === null) withEnds[i] = (withEnds[i] ?? 0) + 1;
      return turn;
    });
    if (round.some((turn) => turn === null)) continue;
    for (const [i, turn] of round.entries()) if (turn) found.get(fleets[i]?.spec.key ?? '')?.push(turn);
  }
  for (const [i, { spec }] of fleets.entries()) refuseIfProcessesEnded(spec.key, withEnds[i] ?? 0, turns);
  return found;
}

/** @throws TollgateError if too many turns were omitted for that reason */
export function refuseIfProcessesEnded(side: string, withEnds: number, turns: number): void {
  if (withEnds <= MOST_WITH_ENDS * turns) return;
  throw environmentError(
    `processes of ${side} ended in ${withEnds} of ${turns} turns, so the CPU time of a request is not known`,
    'run it as root or in a delegated scope, where a control group includes processes that end',
  );
}

/** The threads of a process to wait for. */
type Threads = (pid: number) => readonly string[];
const mainThread: Threads = (pid) => [`/proc/${pid}/stat`];
/** Helper threads may still collect garbage of the turn after the last response. */
const allThreads: Threads = (pid) => {
  try {
    return readdirSync(`/proc/${pid}/task`).map((tid) => `/proc/${pid}/task/${tid}/stat`);
  } catch {
    return [];
  }
};

/** CPU times at one instant. */
export interface Reading {
  readonly replicas: CpuReading;
  /** Null for a fleet without it. */
  readonly redis: CpuReading | null;
  readonly companions: CpuReading | null;
}

/** The CPU accounts of a fleet, which stay open over its turns and include processes that exit meanwhile. */
class FleetAccount {
  readonly #pids: readonly number[];
  readonly #replicas: readonly (CpuAccount | null)[];
  readonly #redis: readonly (CpuAccount | null)[];
  readonly #companions: readonly (CpuAccount | null)[];

  constructor(fleet: Fleet) {
    const { replicas, companions = [] } = processesOf(fleet);
    const redis = fleet.redis?.pids ?? [];
    this.#pids = [...replicas, ...redis, ...companions];
    const open = (pid: number) => openTreeAccount(pid);
    this.#replicas = replicas.map(open);
    this.#redis = redis.map(open);
    this.#companions = companions.map(open);
  }

  /** @returns null if a process cannot be read: its cost must not count as zero */
  async read(threads: Threads = mainThread): Promise<Reading | null> {
    // An account of one process may include others, such as its edge.
    for (const pid of this.#pids.flatMap((first) => processTree(first))) await asleep(pid, threads);
    const [replicas, redis, companions] = [this.#replicas, this.#redis, this.#companions].map(sumOf);
    if (!replicas || !redis || !companions) return null;
    return {
      replicas,
      redis: this.#redis.length === 0 ? null : redis,
      companions: this.#companions.length === 0 ? null : companions,
    };
  }

  close(): void {
    for (const account of [...this.#replicas, ...this.#redis, ...this.#companions]) account?.close();
  }
}

function sumOf(accounts: readonly (CpuAccount | null)[]): CpuReading | null {
  const sum = { ns: 0, ticksNs: 0, reaped: 0, busy: 0 };
  for (const account of accounts) {
    const reading = account?.read() ?? null;
    if (reading === null) return null;
    sum.ns += reading.ns;
    sum.ticksNs += reading.ticksNs ?? reading.ns;
    sum.reaped += reading.reaped ?? 0;
    sum.busy += reading.busy ?? 1;
  }
  return sum;
}

/** A process that is still busy after this time is read while it runs. */
const REST_WITHIN_MS = 50;

/**
 * Waits until these threads of a process sleep: the kernel updates a thread's account when it leaves its core,
 * otherwise only once a tick of 4 ms, which is as long as a turn.
 */
async function asleep(pid: number, threads: Threads): Promise<void> {
  const deadline = performance.now() + REST_WITHIN_MS;
  while (performance.now() < deadline && threads(pid).some(isRunning)) await nextTick();
}

function isRunning(path: string): boolean {
  try {
    const stat = readFileSync(path, 'latin1');
    // The name, in parentheses, may hold any character.
    return stat.charAt(stat.lastIndexOf(')') + 2) === 'R';
  } catch {
    return false;
  }
}

/** Null if unknown. */
function differenceOf(before: number | null | undefined, after: number | null | undefined): number | null {
  return before == null || after == null ? null : after - before;
}

/** How long garbage collections have paused each fleet's replicas, in ms; null for a service, which does not report it. */
async function pausesOf(fleets: readonly Fleet[]): Promise<(number | null)[]> {
  const of = async ({ replicas, foreign }: Fleet) => {
    if (foreign !== undefined) return null;
    return (await Promise.all(replicas.map((replica) => replica.telemetry()))).reduce((sum, { gcMs }) => sum + gcMs, 0);
  };
  return Promise.all(fleets.map(of));
}

/** A turn with an unexpected response says nothing about the cost of a correct one. */
function isUsable(tally: Tally): boolean {
  return tally.requests > 0 && tally.unexpected + tally.failed === 0;
}

/**
 * The cost of a turn. Pure. @returns null if a process or a thread exited in it, because its CPU time is known to 10
 * ms at best, which is more than a turn
 */
export function turnOf(start: Reading, end: Reading, requests: number, pausedMs: number | null): Turn | null {
  const spent = (after: CpuReading, before: CpuReading): number | null => {
    if (after.reaped !== before.reaped) return null;
    const { ns, complete } = cpuBetween(before, after);
    return complete ? ns / 1000 / requests : null;
  };
  /** Undefined for a fleet without it. */
  const ifAny = (after: CpuReading | null, before: CpuReading | null) =>
    after === null || before === null ? undefined : spent(after, before);
  const replicaUs = spent(end.replicas, start.replicas);
  const [redisUs, companionUs] = [ifAny(end.redis, start.redis), ifAny(end.companions, start.companions)];
  if (replicaUs === null || redisUs === null || companionUs === null) return null;
  return { replicaUs, redisUs: redisUs ?? null, companionUs: companionUs ?? null, pausedMs };
}
