/** Storage of sessions, apart from any server: the index of a user, and the plugin's store. */
import type { Session } from 'fastify';
import type { Redis } from 'ioredis';
import { beforeAll, describe, expect, it } from 'vitest';
import { redisAccounts } from '../../servers/stores/accounts.ts';
import { connectRedis } from '../../servers/stores/redis.ts';
import { endSessionsOf, enterSession, sessionKey } from '../../servers/stores/session-index.ts';
import { redisSessionStore } from '../../servers/stores/session-store.ts';
import { armBench } from '../support/arms.ts';

const IDLE_MS = 60_000;
const ABSOLUTE_MS = 600_000;

const bench = armBench();
/** The test's own connection to Redis. */
let probe: Redis;
beforeAll(() => {
  probe = bench.probe();
});

describe('the index of a user’s sessions', () => {
  const endsAtMs = Date.now() + ABSOLUTE_MS;

  it('tells a login that the user was disabled in the meantime', async () => {
    const store = await connectRedis({ url: bench.redis().url, keyPrefix: 'i:' });
    expect(await enterSession(store, 'u-1', 'a', endsAtMs)).toBe(true);
    await redisAccounts(store).disable('u-1');
    expect(await enterSession(store, 'u-1', 'b', endsAtMs)).toBe(false);
    // It is nevertheless in the index, so that clearing the index ends it.
    expect(await probe.zrange('i:user:{u-1}', 0, '-1')).toEqual(['a', 'b']);
    store.client.disconnect();
  });

  it('ends all of them, however many, and none of other users', async () => {
    const store = await connectRedis({ url: bench.redis().url, keyPrefix: 'i:' });
    const ids = Array.from({ length: 1_201 }, (_, i) => `s${i}`);
    // Added in one command. With one login each, the client's commands could exceed its deadline.
    await probe.zadd('i:user:{u-1}', ...ids.flatMap((id) => [endsAtMs, id]));
    await Promise.all([...ids, 'other'].map((id) => probe.set(sessionKey(store, id), '{}')));
    await endSessionsOf(store, 'u-1');
    expect(await probe.keys('*')).toEqual(['i:session:other']);
    store.client.disconnect();
  });
});

describe('the store of the plugin', () => {
  it('only replaces a session that has a user, so that a late write cannot undo a logout', async () => {
    const connection = await connectRedis({ url: bench.redis().url, keyPrefix: 's:' });
    const store = redisSessionStore({ redis: connection, idleTimeoutMs: IDLE_MS, readExtends: false, now: Date.now });
    const set = (session: Session) => new Promise<unknown>((resolve) => store.set('a', session, resolve));
    const ofAda = { user: { id: 'u-1', username: 'ada', roles: [] }, endsAtMs: Date.now() + ABSOLUTE_MS };
    const cookie = { originalMaxAge: null };
    expect(await set({ cookie, ...ofAda })).toBeUndefined();
    expect(await probe.exists('s:session:a')).toBe(0);
    await set({ cookie });
    await set({ cookie, ...ofAda });
    expect(JSON.parse((await probe.get('s:session:a')) ?? '')).toMatchObject(ofAda);
    expect(await probe.pttl('s:session:a')).toBeGreaterThan(0);
    connection.client.disconnect();
  });
});
