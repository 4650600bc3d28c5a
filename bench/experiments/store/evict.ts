/**
 * Which sessions are evicted when the memory of Redis is full. `volatile-ttl` evicts the keys that expire soonest,
 * and expired keys stay in memory until they are accessed or found, so one would expect these to be evicted before
 * any live key. But Redis samples a few random keys, `maxmemory-samples`, and evicts the best of these.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { thenEnding } from '../../../core/errors.ts';
import type { Measures } from '../../../core/results/measures.ts';
import { momentIn, reach } from './moment.ts';
import { EVICTION_LEAD_MS } from './plan.ts';
import { type Copies, existing, expireAt, fill, readInfo } from './redis.ts';

/** Copies in one write. Redis makes room between two writes, never during one. */
const COPIES_PER_WRITE = 10;

/** Redis works in the background ten times a second. Memory that has not fallen for so long stays as it is. */
const SETTLED = { everyMs: 50, readings: 7, mostMs: 5_000 } as const;

export interface Evicting {
  /** Sessions that expire, that stay, and that are added; copies of one template, consecutively numbered. */
  readonly ended: Copies;
  readonly live: Copies;
  readonly fresh: Copies;
  /** `maxmemory-samples`: 5 is Redis' default. */
  readonly samples: number;
}

/**
 * Waits until the memory in use no longer falls. Redis copies a hash table that has grown in the background, and frees the old
 * one at the end, which may be room for all the new sessions.
 */
async function settleMemory({ client, signal }: Pick<Copies, 'client' | 'signal'>): Promise<void> {
  const endsMs = performance.now() + SETTLED.mostMs;
  let least = Number.POSITIVE_INFINITY;
  for (let steady = 0; steady < SETTLED.readings && performance.now() < endsMs; ) {
    const used = await readInfo(client, 'used_memory');
    steady = used < least ? 0 : steady + 1;
    least = Math.min(least, used);
    await sleep(SETTLED.everyMs, undefined, { signal });
  }
}

/**
 * Fills an empty Redis, lets some sessions expire at once, and then adds more than fit in memory. @returns measures,
 * the duration of the new logins, and their number. Afterwards, the settings of Redis are its defaults.
 */
export async function watchEvictions({ ended, live, fresh, samples }: Evicting) {
  const { client, signal, template } = ended;
  await fill(ended);
  await fill(live);
  await client.config('SET', 'maxmemory-policy', 'volatile-ttl', 'maxmemory-samples', samples);
  return thenEnding(
    async () => {
      await settleMemory(ended);
      const moment = momentIn(EVICTION_LEAD_MS);
      await expireAt(ended, moment.atMs);
      await reach(moment);
      const before = await readInfo(client, 'evicted_keys');
      await client.config('SET', 'maxmemory', await readInfo(client, 'used_memory'));
      const start = performance.now();
      for (let first = fresh.first; first < fresh.end; first += COPIES_PER_WRITE) {
        signal.throwIfAborted();
        await fill({ ...fresh, first, end: Math.min(fresh.end, first + COPIES_PER_WRITE) });
      }
      const durationMs = performance.now() - start;
      await client.config('SET', 'maxmemory', 0);
      const evicted = (await readInfo(client, 'evicted_keys')) - before;
      const inMemory = await client.dbsize();
      const alive = (await existing(live)) + (await existing(fresh));
      const lived = (live.end - live.first + fresh.end - fresh.first) * template.entries.length;
      const measures: Measures = {
        evicted_keys: evicted,
        evicted_live_keys: lived - alive,
        ended_left_keys: inMemory - alive,
      };
      return { measures, durationMs, requests: fresh.end - fresh.first };
    },
    () => client.config('SET', 'maxmemory', 0, 'maxmemory-policy', 'noeviction', 'maxmemory-samples', 5),
  );
}
