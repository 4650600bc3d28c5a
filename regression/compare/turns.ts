/** Loads the sides of a fork in turns, and reads what each turn cost. */
import { readFileSync } from 'node:fs';
import { setImmediate as nextTick } from 'node:timers/promises';
import type { Fleet } from '../../bench/fleet/fleet.ts';
import type { Generator } from '../../bench/load/generator.ts';
import type { Tally } from '../../bench/load/replies.ts';
import { processesOf } from '../../bench/measuring/slices.ts';
import { cpuNanos } from '../../bench/processes/cpu.ts';
import { processTree } from '../../bench/processes/trees/process-tree.ts';
import { accountedTree } from '../../bench/processes/trees/tree-accounts.ts';
import { STANDARD_IN_FLIGHT } from '../../core/results/standard-load.ts';
import { createRandom } from '../../core/stats/random.ts';
import type { Turn } from './costs.ts';

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
 * The order of the sides' turns: a random order and then its reverse, so that over two rounds no side is early more
 * often than another. The last of a round finds warmer caches than the first. Pure.
 * @returns indices of the sides, round by round
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

/** @returns the usable turns of each side by its key; those of equal index belong to one round */
export async function loadInTurns(options: TurnsOptions): Promise<Map<string, Turn[]>> {
  const { generator, fleets, turns, batchesPerTurn, seed, signal } = options;
  const found = new Map(fleets.map(({ spec }): [string, Turn[]] => [spec.key, []]));
  let collections = await collectionsOf(fleets);
  for (const order of balancedOrders(fleets.length, turns, seed)) {
    signal.throwIfAborted();
    const before: (Account | null)[] = fleets.map(() => null);
    const tallies: (Tally | undefined)[] = fleets.map(() => undefined);
    for (const i of order) {
      const fleet = fleets[i] as Fleet;
      before[i] = await accountOf(fleet);
      const load = { rounds: 1, batches: batchesPerTurn, inFlight: STANDARD_IN_FLIGHT, seed, keys: [fleet.spec.key] };
      tallies[i] = (await generator.ask('paired', load))[0];
    }
    const after: (Account | null)[] = [];
    for (const fleet of fleets) after.push(await accountOf(fleet));
    const collectionsBefore = collections;
    collections = await collectionsOf(fleets);
    const round = fleets.map((_, i) => {
      const [start, end, tally] = [before[i], after[i], tallies[i]];
      if (!start || !end || !tally || !isUsable(tally)) return null;
      return turnOf(start, end, tally.requests, hasCollected(collectionsBefore[i], collections[i]));
    });
    if (round.some((turn) => turn === null)) continue;
    for (const [i, turn] of round.entries()) if (turn) found.get(fleets[i]?.spec.key ?? '')?.push(turn);
  }
  return found;
}

/** CPU time since the processes of a fleet started. */
interface Account {
  readonly replicaNs: number;
  /** Null where the fleet has none. */
  readonly redisNs: number | null;
  readonly companionNs: number | null;
}

/** @returns null where a process cannot be read: its cost must not count as nothing */
async function accountOf(fleet: Fleet): Promise<Account | null> {
  const sum = async (pids: readonly number[]) => {
    let total = 0;
    for (const pid of pids) {
      await asleep(pid);
      const ns = cpuNanos(pid);
      if (ns === null) return null;
      total += ns;
    }
    return total;
  };
  const { replicas, companions = [] } = processesOf(fleet);
  const redis = fleet.redis?.pids ?? [];
  // A replica may have started an edge, which belongs to it, and may be in its account.
  for (const pid of replicas.flatMap((replica) => processTree(replica).slice(1))) await asleep(pid);
  const replicaNs = await sum(replicas.flatMap((pid) => accountedTree(pid)));
  const [redisNs, companionNs] = [await sum(redis), await sum(companions)];
  if (replicaNs === null || redisNs === null || companionNs === null) return null;
  return {
    replicaNs,
    redisNs: redis.length === 0 ? null : redisNs,
    companionNs: companions.length === 0 ? null : companionNs,
  };
}

/** A process that does not rest within this time is read while it runs. */
const REST_WITHIN_MS = 50;

/**
 * Waits until the main thread of a process sleeps: the kernel brings a thread's account up to date when it leaves its core,
 * and otherwise only once a tick, which is 4 ms where a turn lasts as long.
 */
async function asleep(pid: number): Promise<void> {
  const deadline = performance.now() + REST_WITHIN_MS;
  while (performance.now() < deadline && isRunning(pid)) await nextTick();
}

function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name, in parentheses, may hold any character.
    return stat.charAt(stat.lastIndexOf(')') + 2) === 'R';
  } catch {
    return false;
  }
}

/** Null where that is not known. */
function hasCollected(before: number | null | undefined, after: number | null | undefined): boolean | null {
  return before == null || after == null ? null : before !== after;
}

/** How often the replicas of each fleet have collected garbage; null of a service, which does not tell. */
async function collectionsOf(fleets: readonly Fleet[]): Promise<(number | null)[]> {
  const of = async ({ replicas, foreign }: Fleet) => {
    if (foreign !== undefined) return null;
    return (await Promise.all(replicas.map((replica) => replica.telemetry()))).reduce(
      (sum, { gcCount }) => sum + gcCount,
      0,
    );
  };
  return Promise.all(fleets.map(of));
}

/** A turn with an answer that broke the contract says nothing of what a right one costs. */
function isUsable(tally: Tally): boolean {
  return tally.requests > 0 && tally.unexpected + tally.failed === 0;
}

function turnOf(start: Account, end: Account, requests: number, collected: boolean | null): Turn {
  const perRequest = (after: number, before: number) => (after - before) / 1000 / requests;
  const ifAny = (after: number | null, before: number | null) =>
    after === null || before === null ? null : perRequest(after, before);
  return {
    replicaUs: perRequest(end.replicaNs, start.replicaNs),
    redisUs: ifAny(end.redisNs, start.redisNs),
    companionUs: ifAny(end.companionNs, start.companionNs),
    collected,
  };
}
