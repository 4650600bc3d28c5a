/** Waits for the moment at which the load of all shards begins. */
import { runError } from '../../../core/errors.ts';
import type { ShardBegan } from '../../../core/results/recorded/shards.ts';
import { LATE_SECONDS } from './refusals.ts';

/** The clock may be adjusted meanwhile, so it is read again at this interval. */
const LONGEST_SLEEP_MS = 1000;

interface Clock {
  readonly now: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

const REAL: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done, { once: true });
      if (signal.aborted) done();
    }),
};

/**
 * @param startAt ISO 8601; null begins at once
 * @param onWait told, about once a second, how many seconds are left
 * @returns when the load begins, by this machine's clock; at once where the signal is aborted
 * @throws TollgateError where the time passed before the shard was ready
 */
export async function awaitStart(
  startAt: string | null,
  {
    signal,
    onWait,
    clock = REAL,
  }: { readonly signal: AbortSignal; readonly onWait: (seconds: number) => void; readonly clock?: Clock },
): Promise<ShardBegan> {
  const began = (lateMs: number | null): ShardBegan => ({
    kind: 'shard-began',
    at: new Date(clock.now()).toISOString(),
    lateMs,
  });
  if (startAt === null) return began(null);
  const startMs = Date.parse(startAt);
  const lateSeconds = (clock.now() - startMs) / 1000;
  if (lateSeconds > LATE_SECONDS) {
    throw runError(
      `--start-at was ${Math.round(lateSeconds)} s ago when the security checks ended: no load was sent`,
      'start all shards again with a later --start-at: allow a minute, and a few seconds for each arm',
    );
  }
  for (let left = startMs - clock.now(); left > 0 && !signal.aborted; left = startMs - clock.now()) {
    onWait(Math.ceil(left / 1000));
    await clock.sleep(Math.min(left, LONGEST_SLEEP_MS), signal);
  }
  return began(clock.now() - startMs);
}
