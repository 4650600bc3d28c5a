import { availableParallelism } from 'node:os';
import { setTimeout as elapsed } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { createRandom } from '../../../core/stats/random.ts';
import type { Counts } from '../tally.ts';
import { takeTurns } from './turns.ts';

const processes = { replicas: [], redis: null };
const waiting = async (counts: Counts) => {
  await elapsed(20);
  counts.answered(200, true, 1, 1);
};

it('gives every participant a turn in every round', async () => {
  const order: string[] = [];
  const participants = ['a', 'b', 'c'].map((key) => ({ key, processes, turn: async () => void order.push(key) }));
  const tallies = await takeTurns(participants, { rounds: 20 }, createRandom(1));
  expect(tallies.map(({ key }) => key)).toEqual(['a', 'b', 'c']);
  for (let round = 0; round < 20; round++) {
    expect(order.slice(3 * round, 3 * round + 3).toSorted()).toEqual(['a', 'b', 'c']);
  }
});

/** Whether the event loop has immediate work. */
const polls = () => process.getActiveResourcesInfo().includes('Immediate');
/** A generator that polls permanently always has a next check pending, so this never becomes true for it. */
const rests = () => vi.waitFor(() => expect(polls()).toBe(false), { timeout: 10_000, interval: 1 });

it('polls while it waits, if there is a core for that, and sleeps afterwards', async () => {
  await rests();
  const seen: boolean[] = [];
  const turn = async (counts: Counts) => {
    await waiting(counts);
    seen.push(polls());
  };
  const [tally] = await takeTurns([{ key: 'a', processes, turn }], { rounds: 3 }, createRandom(1));
  expect(tally?.requests).toBe(3);
  const several = availableParallelism() > 1;
  expect(seen).toEqual([several, several, several]);
  // The busy share of the time; next to none for a generator that sleeps.
  if (several) expect(tally?.generatorBusy).toBeGreaterThan(0.9);
  await rests();
});

it('names the participant that does not respond, and waits for a slow one', async () => {
  // Each answer comes within the time, and all of them in more than that.
  const slow = async (counts: Counts) => {
    for (let i = 0; i < 25; i++) await waiting(counts);
  };
  const silent = () => new Promise<void>(() => {});
  const participants = [
    { key: 'a', processes, turn: slow },
    { key: 'b', processes, turn: silent },
  ];
  const load = takeTurns(participants, { rounds: 1, silentMs: 300 }, createRandom(1));
  await expect(load).rejects.toThrow('b did not respond for 0.3 s');
  const [tally] = await takeTurns(participants.slice(0, 1), { rounds: 1, silentMs: 300 }, createRandom(1));
  expect(tally?.requests).toBe(25);
  await rests();
});

it('stops polling after a turn that failed', async () => {
  const turn = () => Promise.reject(new Error('gone'));
  await expect(takeTurns([{ key: 'a', processes, turn }], { rounds: 1 }, createRandom(1))).rejects.toThrow('gone');
  await rests();
});

it('reads no account, and waits for none to settle, if CPU times are off', async () => {
  const own = { replicas: [process.pid], redis: process.pid, companions: [process.pid] };
  let readings = 0;
  const read = () => ({ atMs: performance.now(), replicaNs: [++readings], redisNs: 1 });
  const turn = async (counts: Counts) => counts.answered(200, true, 1, 1);
  const [without] = await takeTurns(
    [{ key: 'a', processes: own, turn }],
    { rounds: 3, accounts: false, read },
    createRandom(1),
  );
  expect(readings).toBe(0);
  expect(without).toMatchObject({ requests: 3, replicaCpuNs: null, redisCpuNs: null });
  const [withThem] = await takeTurns([{ key: 'a', processes: own, turn }], { rounds: 3, read }, createRandom(1));
  expect(readings).toBeGreaterThan(4);
  expect(withThem).toMatchObject({ requests: 3, redisCpuNs: 0 });
});
