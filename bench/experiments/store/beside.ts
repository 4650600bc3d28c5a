/**
 * How soon Redis removes what has ended where it also keeps what lives. Its background job looks at a few keys by chance
 * and stops once fewer than a tenth of those have ended, so a storm alone in Redis says nothing of one among live sessions.
 */
import type { Measures } from '../../../core/results/measures.ts';
import { BESIDE_LEAD_MS } from './plan.ts';
import { type Copies, expireAt, pacedLookups } from './redis.ts';

/** A key that is looked up meanwhile, since a Redis without traffic does its background work at other times. */
const LOOKED_UP = 'stays';

/**
 * Makes `ended` of the entries end at one moment and watches what is removed; the others live on.
 * @param ended the entries that are to end; they and the live ones are in Redis already
 * @returns measures, how long it was watched, and how many lookups there were
 */
export async function watchExpiry(ended: Copies, effort: number, watchMs: number) {
  const { client, template, first, end, signal } = ended;
  await client.set(LOOKED_UP, 'x'.repeat(200));
  await client.config('SET', 'active-expire-effort', effort);
  try {
    const start = performance.now();
    // Both passes take about the same time.
    await expireAt(ended, Date.now() + 10 * 60_000);
    const atMs = Date.now() + 2 * (performance.now() - start) + BESIDE_LEAD_MS;
    await expireAt(ended, Math.round(atMs));
    const keys = await client.dbsize();
    const endedKeys = (end - first) * template.entries.length;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, atMs - Date.now())));
    const due = performance.now() - Math.max(0, Date.now() - atMs);
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
  } finally {
    await client.config('SET', 'active-expire-effort', 1);
    await client.del(LOOKED_UP);
  }
}
