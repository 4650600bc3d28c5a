import { setTimeout as elapsed } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../core/stats/random.ts';
import type { Processes } from '../protocol.ts';
import type { Counts, Reading } from '../tally.ts';
import { takeTurns } from './turns.ts';

const COLD_NS = 300_000;
/** ns per request of each server, by process id. */
const PER_REQUEST_NS: Readonly<Record<number, number>> = { 1: 15_000, 2: 50_000, 3: 31_000 };
/** ns that it takes to accept connections anew, and once more each time. */
const OPENING_NS = 2_000_000;
const REDIS_PID = 9;
const REDIS_NS = 7_000;

/**
 * Accounts of a system without exact ticks: CPU time appears some ms after a process went to sleep, never while
 * another one waits for the core, and never right after its turn.
 */
class LateAccounts {
  readonly #used = new Map<number, number>();
  readonly #seen = new Map<number, number>();
  readonly #delayMs: number;

  constructor(delayMs: number) {
    this.#delayMs = delayMs;
  }

  use(pid: number, ns: number): void {
    for (const [other, used] of this.#used) if (other !== pid) this.#seen.set(other, used);
    this.#used.set(pid, (this.#used.get(pid) ?? 0) + ns);
    const used = this.#used.get(pid) ?? 0;
    setTimeout(() => this.#seen.set(pid, Math.max(used, this.#seen.get(pid) ?? 0)), this.#delayMs);
  }

  read = ({ replicas, redis }: Processes): Reading => ({
    atMs: performance.now(),
    replicaNs: replicas.map((pid) => this.#seen.get(pid) ?? 0),
    redisNs: typeof redis === 'number' ? (this.#seen.get(redis) ?? 0) : null,
  });

  participant(pid: number, redis: number | null = null) {
    return {
      key: String(pid),
      processes: { replicas: [pid], redis },
      turn: async (counts: Counts, requests: number) => {
        await elapsed(0);
        if (redis !== null) this.use(redis, requests * REDIS_NS);
        this.use(pid, COLD_NS + requests * (PER_REQUEST_NS[pid] ?? 0));
        for (let i = 0; i < requests; i++) counts.answered(200, true, 1, 1);
      },
    };
  }
}

describe('accounts that lag behind a turn', () => {
  const run = async (lengths: readonly number[], pids = [1, 2, 3]) => {
    const accounts = new LateAccounts(4);
    const participants = pids.map((pid) => accounts.participant(pid, pid === 3 ? REDIS_PID : null));
    return takeTurns(participants, { rounds: 4, lengths, read: accounts.read, eachTurn: true }, createRandom(1));
  };

  it('give every turn its own CPU time nevertheless', async () => {
    for (const { key, lengths, turns } of await run([50, 300])) {
      const cost = (requests: number) => COLD_NS + requests * (PER_REQUEST_NS[Number(key)] ?? 0);
      const redis = (requests: number) => (key === '3' ? requests * REDIS_NS : null);
      expect(lengths).toEqual(
        [50, 300].map((requests) => ({
          requestsPerTurn: requests,
          turns: 4,
          requests: 4 * requests,
          replicaCpuNs: 4 * cost(requests),
          redisCpuNs: redis(requests) === null ? null : 4 * (redis(requests) ?? 0),
        })),
      );
      expect(turns).toHaveLength(8);
      for (const { requests, replicaCpuNs } of turns ?? []) expect(replicaCpuNs).toBe(cost(requests));
    }
  });

  it('include all CPU time in the total, even of turns that only separate others', async () => {
    for (const { key, requests, replicaCpuNs } of await run([50, 300])) {
      const beyond = requests - 4 * 350;
      expect(beyond % 50).toBe(0);
      const turns = 8 + beyond / 50;
      expect(replicaCpuNs).toEqual([turns * COLD_NS + requests * (PER_REQUEST_NS[Number(key)] ?? 0)]);
    }
  });

  it('include the last turn of a single participant', async () => {
    const [tally] = await run([100], [2]);
    expect(tally?.requests).toBe(400);
    expect(tally?.replicaCpuNs).toEqual([4 * COLD_NS + 400 * 50_000]);
    expect(tally?.lengths).toBeUndefined();
  });
});

it('exclude reconnecting between two turns, whatever it costs', async () => {
  const accounts = new LateAccounts(4);
  const plain = accounts.participant(1, REDIS_PID);
  let turns = 0;
  let reopened = 0;
  const closing = {
    ...plain,
    // Before every turn but the first, as if a server closed each connection after a few requests.
    reopen: () =>
      turns === 0
        ? null
        : async () => {
            accounts.use(1, ++reopened * OPENING_NS);
          },
    turn: (counts: Counts, requests: number) => {
      turns++;
      return plain.turn(counts, requests);
    },
  };
  const options = { rounds: 4, lengths: [100], read: accounts.read, eachTurn: true };
  const tallies = await takeTurns([closing, accounts.participant(2)], options, createRandom(1));
  expect(reopened).toBe(turns - 1);
  const [tally] = tallies;
  for (const { requests, replicaCpuNs } of tally?.turns ?? [])
    expect(replicaCpuNs).toBe(COLD_NS + requests * (PER_REQUEST_NS[1] ?? 0));
  expect(tally?.turns).toHaveLength(4);
  expect(tally?.replicaCpuNs).toEqual([turns * COLD_NS + (tally?.requests ?? 0) * (PER_REQUEST_NS[1] ?? 0)]);
  expect(tally?.redisCpuNs).toBe((tally?.requests ?? 0) * REDIS_NS);
});

it('do not wait forever for a process that never sleeps', async () => {
  let used = 0;
  const read = (): Reading => ({ atMs: performance.now(), replicaNs: [used++], redisNs: null });
  const participant = { key: 'a', processes: { replicas: [1], redis: null }, turn: () => Promise.resolve() };
  const [tally] = await takeTurns([participant], { rounds: 1, read }, createRandom(1));
  expect(tally?.replicaCpuNs?.[0]).toBeGreaterThan(0);
});

it('charges the CPU time of workers that ended to the requests of all turns', async () => {
  const LOST_NS = 1_000_000;
  const used = new Map<number, { ns: number; lostNs: number }>();
  const of = (pid: number) => used.get(pid) ?? { ns: 0, lostNs: 0 };
  const participant = (pid: number) => ({
    key: String(pid),
    processes: { replicas: [pid], redis: null },
    turn: async (counts: Counts, requests: number) => {
      await elapsed(0);
      const { ns, lostNs } = of(pid);
      used.set(pid, {
        ns: ns + COLD_NS + requests * (PER_REQUEST_NS[pid] ?? 0),
        // Only the first one has workers that end.
        lostNs: lostNs + (pid === 1 ? requests * LOST_NS : 0),
      });
      for (let i = 0; i < requests; i++) counts.answered(200, true, 1, 1);
    },
  });
  const read = ({ replicas: [pid = 0] }: Processes): Reading => {
    const { ns, lostNs } = of(pid);
    const ticks = { replicaNs: [ns + lostNs], redisNs: null };
    return { atMs: performance.now(), replicaNs: [ns], redisNs: null, ticks };
  };
  const options = { rounds: 2, lengths: [50, 300], read };
  const tallies = await takeTurns([participant(1), participant(2)], options, createRandom(1));
  expect(tallies.map(({ cpuAccount }) => cpuAccount)).toEqual(['incomplete', 'threads']);
  const perRequest = tallies.map(({ lengths: [short, long] = [] }) => {
    if (!short || !long) throw new Error('there are two lengths');
    return ((long.replicaCpuNs ?? 0) / long.turns - (short.replicaCpuNs ?? 0) / short.turns) / 250;
  });
  expect(perRequest[0]).toBeCloseTo(15_000 + LOST_NS, 3);
  expect(perRequest[1]).toBeCloseTo(50_000, 3);
});
