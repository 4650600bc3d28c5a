import { expect, it } from 'vitest';
import type { ClientSession } from '../../bench/gate/client-session.ts';
import { EqualTokens } from './equal-tokens.ts';
import type { Subject } from './subject.ts';

const TOKEN = { header: { alg: 'HS256' }, claims: {} };

/** Logins that give these tokens, in order; what they waited for is counted. */
function stage(
  tokens: readonly string[],
  { jti, ends = true }: { readonly jti?: string; readonly ends?: boolean } = {},
) {
  const token = { ...TOKEN, claims: jti === undefined ? {} : { jti } };
  const service = { login: { credential: { json: 'token' } }, requests: ends ? { logout: { path: '/logout' } } : {} };
  let seconds = 0;
  const equal = new EqualTokens({ token, service } as unknown as Subject, async () => {
    seconds++;
  });
  const left = [...tokens];
  const logIn = () => equal.distinct(async () => ({ accessToken: left.shift() ?? '', cookies: [] }) as never);
  const tokenOf = async (): Promise<string | null> => (await logIn()).accessToken;
  return { equal, logIn, tokenOf, seconds: () => seconds };
}

it('logs in again if the token is the latest one, or one that was ended', async () => {
  const { equal, logIn, tokenOf, seconds } = stage(['a', 'a', 'b', 'c', 'a', 'd']);
  const first: ClientSession = await logIn();
  expect(await tokenOf()).toBe('b');
  expect(await tokenOf()).toBe('c');
  equal.ending(first);
  expect(await tokenOf()).toBe('d');
  expect(seconds()).toBe(2);
});

it('accepts equal tokens that have an id, and those of a service that ends none', async () => {
  for (const one of [stage(['a', 'a'], { jti: '1' }), stage(['a', 'a'], { ends: false })]) {
    expect([await one.tokenOf(), await one.tokenOf()]).toEqual(['a', 'a']);
    expect(one.seconds()).toBe(0);
  }
});
