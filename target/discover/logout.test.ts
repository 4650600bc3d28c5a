import { expect, it } from 'vitest';
import { runError } from '../../core/errors.ts';
import { findLogout } from './logout.ts';

it('ignores the form of a page whose action is no URL, or at another host', async () => {
  const text = '<form action="http://[logout"></form><form action="https://other.example/logout"></form>';
  const reply = {
    status: 200,
    all: () => [],
    header: () => null,
    cookies: [],
    text,
    json: undefined,
    sentAtMs: 0,
    answeredAtMs: 1,
  };
  const asked: string[] = [];
  const met = {
    endpoint: { host: '127.0.0.1', port: 1, certificate: null },
    ask: async (_: unknown, { path }: { readonly path: string }) => {
      asked.push(path);
      throw runError('the service has ended', 'start it');
    },
    signal: new AbortController().signal,
    login: { request: { method: 'POST', path: '/login' }, credential: { cookie: 'sid' } },
    guarded: { path: '/me' },
    session: {
      cookies: [{ name: 'sid', value: 's3cr3t' }],
      ...{ token: null, csrf: null, refreshToken: null, expiresInSeconds: null, reply },
      user: { username: 'alice', password: 'open-sesame' },
    },
    reply,
  };
  expect(await findLogout(met, [], [])).toBeNull();
  // A login for the one request that is left, which would delete the session.
  expect(asked).toEqual(['/login']);
});
