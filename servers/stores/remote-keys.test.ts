import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { KeysUnavailable, remoteKeys } from './remote-keys.ts';

const jwk = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
const setOf = (...kids: string[]) => JSON.stringify({ keys: kids.map((kid) => ({ ...jwk, kid, alg: 'ES256' })) });
const COOLDOWN_MS = 30_000;
const FRESH_MS = 600_000;
const STALE_MS = 3_600_000;

/** Keys of a server with the given replies, which counts requests. */
function keysOf(first: string | Error) {
  const state = { answer: first as string | Error, fetches: 0, nowMs: 1_000_000 };
  const keys = remoteKeys({
    now: () => state.nowMs,
    async fetch() {
      state.fetches++;
      if (state.answer instanceof Error) throw state.answer;
      return state.answer;
    },
  });
  const kids = async (kid?: string) => (await keys.setFor(kid)).jwks().keys.map((key) => key.kid);
  return { state, keys, kids };
}

describe('a key set that is fetched', () => {
  it('is fetched once for concurrent requests, and not again while it is fresh', async () => {
    const { state, kids } = keysOf(setOf('a'));
    const all = await Promise.all(Array.from({ length: 50 }, () => kids('a')));
    expect(all.flat()).toEqual(Array.from({ length: 50 }, () => 'a'));
    state.nowMs += FRESH_MS - 1;
    await kids('a');
    expect(state.fetches).toBe(1);
  });

  it('is fetched again for an unknown key, so that a rotation is noticed at once', async () => {
    const { state, kids } = keysOf(setOf('a'));
    await kids('a');
    state.nowMs += COOLDOWN_MS;
    state.answer = setOf('b', 'a');
    expect(await kids('b')).toEqual(['b', 'a']);
    expect(state.fetches).toBe(2);
  });

  it.each([
    ['the same set', setOf('a')],
    ['an error', new Error('500')],
    ['no key set', '{"keys":"none"}'],
  ])('is fetched at most once per cooldown by a flood of unknown keys, answered with %s', async (_what, answer) => {
    const { state, kids } = keysOf(setOf('a'));
    await kids('a');
    state.answer = answer;
    for (let second = 0; second < 300; second++) {
      state.nowMs += 1_000;
      await Promise.all(Array.from({ length: 5 }, (_, i) => kids(`unknown-${second}-${i}`)));
    }
    expect(state.fetches).toBe(1 + 300_000 / COOLDOWN_MS);
  });

  it('is fetched at most once a second for any tokens while there is none', async () => {
    const { state, keys } = keysOf(new Error('refused'));
    for (let tenths = 0; tenths < 300; tenths++) {
      await expect(keys.setFor('a')).rejects.toBeInstanceOf(KeysUnavailable);
      state.nowMs += 100;
    }
    expect(state.fetches).toBe(30);
    state.answer = setOf('a');
    await expect(keys.setFor('a')).resolves.toBeDefined();
  });

  it.each([
    ['an error', new Error('500')],
    ['no JSON', '<html>'],
    ['a set without keys', '{"keys":[]}'],
    ['a key without a name', JSON.stringify({ keys: [{ ...jwk, alg: 'ES256' }] })],
    ['one name for two keys', setOf('a', 'a')],
  ])('stays in use while fetches give %s, and no longer than its bound', async (_what, answer) => {
    const { state, keys, kids } = keysOf(setOf('a'));
    const from = state.nowMs;
    await kids('a');
    state.answer = answer;
    for (state.nowMs = from + FRESH_MS; state.nowMs < from + STALE_MS; state.nowMs += COOLDOWN_MS)
      expect(await kids('a')).toEqual(['a']);
    state.nowMs = from + STALE_MS;
    await expect(keys.setFor('a')).rejects.toBeInstanceOf(KeysUnavailable);
  });

  it('drops a key that the server no longer publishes', async () => {
    const { state, kids } = keysOf(setOf('a', 'b'));
    await kids('a');
    state.answer = setOf('b');
    state.nowMs += FRESH_MS;
    await kids('b');
    // The fetch is in progress while the token of a known key is verified.
    await new Promise(setImmediate);
    expect(await kids('b')).toEqual(['b']);
  });
});
