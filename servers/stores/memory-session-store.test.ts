import type { Session } from 'fastify';
import { describe, expect, it } from 'vitest';
import { memorySessionStore } from './memory-session-store.ts';

const ANONYMOUS: Session = { cookie: { originalMaxAge: null } };
const OF_ADA: Session = {
  ...ANONYMOUS,
  user: { id: 'u-1', username: 'ada', roles: [] },
  endsAtMs: Number.MAX_SAFE_INTEGER,
};

function storeAt(clock: { ms: number }, disabled = false) {
  const store = memorySessionStore({ idleTimeoutMs: 1_000, now: () => clock.ms, isDisabled: async () => disabled });
  const has = (id: string) => new Promise<boolean>((resolve) => store.get(id, (_error, found) => resolve(!!found)));
  const set = (id: string, session: Session) => new Promise<void>((resolve) => store.set(id, session, () => resolve()));
  return { store, has, set };
}

describe('memorySessionStore', () => {
  it('never writes a session with a user that does not exist any more, so that a late write cannot undo a logout', async () => {
    const { store, has, set } = storeAt({ ms: 0 });
    await set('a', ANONYMOUS);
    await set('a', OF_ADA);
    expect(await has('a')).toBe(true);
    await store.end('u-1', 'a');
    await set('a', OF_ADA);
    expect(await has('a')).toBe(false);
  });

  it('stores the data of a session, not the given object', async () => {
    const { store, set } = storeAt({ ms: 0 });
    await set('a', ANONYMOUS);
    await set('a', OF_ADA);
    const found = await new Promise((resolve) => store.get('a', (_error, session) => resolve(session)));
    expect(found).toEqual(OF_ADA);
    expect(found).not.toBe(OF_ADA);
  });

  it('ends all of a user’s sessions, and reports whether the user is disabled', async () => {
    const { store, has, set } = storeAt({ ms: 0 });
    for (const id of ['a', 'b']) {
      await set(id, ANONYMOUS);
      expect(await store.enter('u-1', id, 0)).toBe(true);
      await set(id, OF_ADA);
    }
    await store.endAllOf('u-1');
    expect([await has('a'), await has('b')]).toEqual([false, false]);
    expect(await storeAt({ ms: 0 }, true).store.enter('u-1', 'a', 0)).toBe(false);
  });

  it('ends an idle session exactly on time', async () => {
    const clock = { ms: 0 };
    const { has, set } = storeAt(clock);
    await set('a', ANONYMOUS);
    clock.ms = 999;
    expect(await has('a')).toBe(true);
    clock.ms += 1_000;
    expect(await has('a')).toBe(false);
  });
});
