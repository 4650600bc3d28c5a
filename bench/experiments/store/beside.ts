/**
 * How soon Redis removes expired keys among live ones. Its background job samples a few keys and stops once fewer
 * than a tenth of those have expired, so a storm without live keys says nothing about one among live sessions.
 */
import { thenEnding } from '../../../core/errors.ts';
import type { Measures } from '../../../core/results/measures.ts';
import { momentIn, reach } from './moment.ts';
import { BESIDE_LEAD_MS } from './plan.ts';
import { type Copies, expireAt, pacedLookups } from './redis.ts';

/** A key that is looked up meanwhile, because an idle Redis schedules its background work differently. */
const LOOKED_UP = 'stays';

/**
 * Lets `ended` expire at once and watches their removal; the other entries stay. @param ended the entries that
 * expire; they and the live ones are already in Redis @returns measures, the duration, and the number of lookups
 */
export async function watchExpiry(ended: Copies, effort: number, watchMs: number) {
  const { client, template, first, end, signal } = ended;
  await client.set(LOOKED_UP, 'x'.repeat(200));
  await client.config('SET', 'active-expire-effort', effort);
  return thenEnding(
    async () => {
      const start = performance.now();
      // Both passes take about the same time.
      await expireAt(ended, Date.now() + 10 * 60_000);
      const moment = momentIn(2 * (performance.now() - start) + BESIDE_LEAD_MS);
      await expireAt(ended, moment.atMs);
      const keys = await client.dbsize();
      const endedKeys = (end - first) * template.entries.length;
      await reach(moment);
      const due = moment.dueMs;
      let left = keys;
      let goneMs: number | null = null;
      const lookups = await pacedLookups(client, ['get', LOOKED_UP], async () => {
        left = await client.dbsize();
        if (keys - left >= endedKeys) goneMs ??= performance.now() - due;
        return goneMs === null && performance.now() - due < watchMs && !signal.aborted;
      });
      const watchedMs = performance.now() - due;
      const measures: Measures = {
        ended_keys: endedKeys,
        gone_keys: keys - left,
        live_keys: keys - endedKeys - 1,
        expiry_watched_ms: goneMs ?? watchedMs,
        ...(goneMs === null ? {} : { expiry_ms: goneMs }),
      };
      return { measures, durationMs: watchedMs, requests: lookups.count };
    },
    () => client.config('SET', 'active-expire-effort', 1),
    () => client.del(LOOKED_UP),
  );
}
