/**
 * Reads of keys for which Redis reports changes (CLIENT TRACKING, Redis 6 and Valkey), so that their values may be
 * cached. Reads, reports and heartbeats share one RESP3 connection, which preserves the order of Redis: when a
 * heartbeat is answered, every change from before it was sent has been reported. Cached values may be trusted for a
 * bounded time after the last answered heartbeat, and no longer, whatever happened to the connection. The client is
 * node-redis: ioredis 6 speaks RESP3 too, but drops reports of changes.
 */
import { createClient } from '@redis/client';
import { nodeRedisUrl } from '../../redis-address.ts';
import type { RedisStore } from '../redis.ts';
import { ANSWER_WITHIN_MS, NODE_REDIS, opened, within } from './connection.ts';

/** `default`: Redis remembers which keys this client read, and reports those. `broadcast`: it reports all below a prefix. */
export type TrackingMode = 'default' | 'broadcast';

export interface TrackedValue {
  readonly value: string | null;
  /** The remaining time to live in ms; negative if the key does not exist or never expires. */
  readonly ttlMs: number;
  /** False if a change was reported in the meantime: the value may be old, and must not be kept. */
  readonly mayBeKept: boolean;
}

export interface TrackedKeys {
  /** Whether cached values may be trusted now. */
  isProven(): boolean;
  /** Costs two commands. Concurrent reads of one key are shared. The promise fails if there is no reply in time. */
  read(key: string): Promise<TrackedValue>;
  /** Announces that this process changes the key: a read in progress must not be cached. */
  changes(key: string): void;
  close(): void;
}

export interface TrackingOptions {
  readonly mode: TrackingMode;
  /** The prefix of the keys to report in the mode `broadcast`. */
  readonly prefix: string;
  /** How long after a heartbeat kept values may be trusted. */
  readonly boundMs: number;
  /** Called for each key that has changed; null says that any key may have. */
  readonly forget: (key: string | null) => void;
}

interface Pending {
  readonly answer: Promise<TrackedValue>;
  mayBeKept: boolean;
}

/** Several within the bound, so that one late heartbeat does not end the proof. */
const BEATS_PER_BOUND = 5;

/** @param redis a single server: a cluster's keys change at several. @throws StartError REDIS_UNREACHABLE */
export async function trackKeys(redis: RedisStore, options: TrackingOptions): Promise<TrackedKeys> {
  const { mode, prefix, boundMs, forget } = options;
  const client = createClient({
    url: nodeRedisUrl(redis.address.url),
    RESP: 3,
    // Also enables the tracking of keys that are read.
    emitInvalidate: true,
    ...NODE_REDIS,
  });
  const pending = new Map<string, Pending>();
  /** Counts connections. Null while there is none that reports changes. */
  let tracked: number | null = null;
  let connections = 0;
  let provenUntilMs = 0;
  let isBeating = false;

  function forgetAll(): void {
    for (const one of pending.values()) one.mayBeKept = false;
    forget(null);
  }

  function lose(): void {
    tracked = null;
    provenUntilMs = 0;
    forgetAll();
  }

  async function begin(): Promise<void> {
    lose();
    connections += 1;
    const own = connections;
    if (mode === 'broadcast') {
      await client.sendCommand(['CLIENT', 'TRACKING', 'OFF']);
      await client.sendCommand(['CLIENT', 'TRACKING', 'ON', 'BCAST', 'PREFIX', prefix]);
    }
    if (own !== connections) return;
    tracked = own;
    await beat();
  }

  async function beat(): Promise<void> {
    const own = tracked;
    if (own === null || isBeating) return;
    isBeating = true;
    const sentAtMs = performance.now();
    try {
      await client.sendCommand(['PING']);
      if (own !== tracked) return;
      if (performance.now() >= provenUntilMs) forgetAll();
      provenUntilMs = sentAtMs + boundMs;
    } catch {
      if (own === tracked) lose();
    } finally {
      isBeating = false;
    }
  }

  client.on('invalidate', (changed: Buffer | null) => {
    if (changed === null) return forgetAll();
    const key = changed.toString();
    const reading = pending.get(key);
    if (reading !== undefined) reading.mayBeKept = false;
    forget(key);
  });
  client.on('error', lose);
  client.on('reconnecting', lose);
  client.on('end', lose);
  client.on('ready', () => {
    begin().catch(lose);
  });

  await opened(client, 'for client-side caching');
  const heart = setInterval(beat, boundMs / BEATS_PER_BOUND);

  async function ask(key: string): Promise<TrackedValue> {
    try {
      const commands = [client.sendCommand<string | null>(['GET', key]), client.sendCommand<number>(['PTTL', key])];
      const [value, ttlMs] = (await within(Promise.all(commands), ANSWER_WITHIN_MS)) as [string | null, number];
      return { value, ttlMs, mayBeKept: pending.get(key)?.mayBeKept === true };
    } finally {
      pending.delete(key);
    }
  }

  return {
    isProven: () => performance.now() < provenUntilMs,
    read(key) {
      const reading = pending.get(key);
      if (reading !== undefined) return reading.answer;
      const answer = ask(key);
      pending.set(key, { answer, mayBeKept: true });
      return answer;
    },
    changes(key) {
      const reading = pending.get(key);
      if (reading !== undefined) reading.mayBeKept = false;
    },
    close() {
      clearInterval(heart);
      client.destroy();
    },
  };
}
