import { describe, expect, it } from 'vitest';
import { judgeGet, judgeRead, judgeTransfer } from './judge.ts';
import type { Seen } from './observations.ts';

const COOKIE = { cookie: 'credential', sameSite: 'lax' } as const;
const NONE = { cookie: 'none', sameSite: null } as const;

function seen(more: Partial<Seen> = {}): Seen {
  return {
    method: 'POST',
    path: '/transfer',
    origin: 'https://other.localhost:1',
    preflight: false,
    cookie: true,
    authorization: false,
    status: 200,
    transferred: null,
    detail: '',
    isOf: () => true,
    ...more,
  };
}

describe('a transfer that another page asked for', () => {
  it('succeeded exactly if the server moved the victim’s money', () => {
    const done = seen({ transferred: { from: 'ada', to: 'thief' } });
    expect(judgeTransfer([done], COOKIE, 'ada')).toEqual({ succeeded: true, sent: true, stoppedBy: 'nothing' });
    expect(judgeTransfer([done], COOKIE, 'bob')).toMatchObject({ succeeded: false });
  });

  it.each([
    ['SameSite', { cookie: false, status: 401 }, COOKIE],
    ['third-party cookies blocked', { cookie: false, status: 401 }, { cookie: 'credential', sameSite: 'none' }],
    ['no credential by itself', { cookie: false, status: 401 }, NONE],
    ['CSRF token', { status: 403, detail: 'The x-csrf-token header must hold …' }, COOKIE],
    ['JSON only', { status: 415 }, COOKIE],
    ['credential not taken from a cookie', { status: 401 }, { cookie: 'page', sameSite: 'lax' }],
    ['refused otherwise', { status: 403, detail: 'The role admin is needed.' }, COOKIE],
    ['refused otherwise', { status: 401 }, COOKIE],
  ] as const)('was stopped by %s', (stoppedBy, more, state) => {
    expect(judgeTransfer([seen(more)], state, 'ada')).toMatchObject({ succeeded: false, stoppedBy });
  });

  it('was stopped by CORS if the browser sent a preflight and then no request', () => {
    const preflight = seen({ method: 'OPTIONS', preflight: true, cookie: false, status: 404 });
    expect(judgeTransfer([preflight], COOKIE, 'ada')).toEqual({ succeeded: false, sent: false, stoppedBy: 'CORS' });
    expect(judgeTransfer([], COOKIE, 'ada').stoppedBy).toBe('refused otherwise');
  });

  it('is judged by the request itself if the preflight was allowed', () => {
    const preflight = seen({ method: 'OPTIONS', preflight: true, cookie: false, status: 204 });
    const done = seen({ transferred: { from: 'ada', to: 'thief' } });
    expect(judgeTransfer([preflight, done], COOKIE, 'ada').succeeded).toBe(true);
  });
});

describe('a GET that another page asked for', () => {
  it('changes nothing, and shows whether the credential was sent', () => {
    const get = seen({ method: 'GET', path: '/me' });
    expect(judgeGet([get], COOKIE)).toEqual({ succeeded: false, sent: true, stoppedBy: 'GET changes nothing' });
    const bare = { ...get, cookie: false, status: 401 };
    expect(judgeGet([bare], COOKIE)).toEqual({ succeeded: false, sent: false, stoppedBy: 'SameSite' });
  });
});

describe('the finds of an injected script', () => {
  it('are judged by whether they work from outside the browser', () => {
    expect(judgeRead(true, true)).toMatchObject({ succeeded: true, stoppedBy: 'nothing' });
    expect(judgeRead(false, true)).toMatchObject({ succeeded: false, stoppedBy: 'HttpOnly' });
    expect(judgeRead(false, false)).toMatchObject({ succeeded: false, stoppedBy: 'closure' });
    expect(judgeRead(false, false, true)).toMatchObject({ succeeded: false, stoppedBy: 'key of the client' });
  });
});
