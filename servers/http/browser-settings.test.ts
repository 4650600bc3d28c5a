import { afterEach, describe, expect, it } from 'vitest';
import { ADA, freshSecrets, testUsers } from '../../test/support/servers.ts';
import { findArm } from '../arms.ts';
import type { SchemeSettings } from '../scheme.ts';
import { buildApp } from './app.ts';
import { readForm } from './form-bodies.ts';

const open: { close(): Promise<unknown> }[] = [];
afterEach(() => Promise.all(open.splice(0).map((app) => app.close())));

async function loggedIn(name: string, settings: Partial<SchemeSettings>) {
  const arm = findArm(name);
  if (arm === undefined) throw new Error(`no arm ${name}`);
  const app = await buildApp({ arm, secrets: freshSecrets(), users: testUsers(), settings });
  open.push(app);
  const reply = await app.inject({ method: 'POST', url: '/login', payload: ADA });
  const setCookie = String(reply.headers['set-cookie']);
  return { app, setCookie, cookie: setCookie.split(';', 1)[0] ?? '' };
}

const COOKIE_ARMS = ['session-memory', 'session-sealed', 'jwt-cookie'];
const form = { 'content-type': 'application/x-www-form-urlencoded' };

describe.each(COOKIE_ARMS)('the cookie of %s', (arm) => {
  it.each([
    ['none', 'SameSite=None'],
    ['lax', 'SameSite=Lax'],
    ['strict', 'SameSite=Strict'],
  ] as const)('says of other sites what is set: %s', async (cookieSameSite, attribute) => {
    expect((await loggedIn(arm, { cookieSameSite })).setCookie).toContain(attribute);
  });

  it('sets no attribute if the setting is to leave it to the browser', async () => {
    expect((await loggedIn(arm, { cookieSameSite: 'unset' })).setCookie).not.toMatch(/SameSite/i);
  });
});

describe.each(COOKIE_ARMS)('a form posted to %s', (arm) => {
  const transfer = { method: 'POST', url: '/transfer', payload: 'to=bob&amount=5' } as const;

  it('is not parsed by default', async () => {
    const { app, cookie } = await loggedIn(arm, { csrfProtection: false });
    expect((await app.inject({ ...transfer, headers: { ...form, cookie } })).statusCode).toBe(415);
  });

  it('needs the CSRF token, unless that check is off', async () => {
    const kept = await loggedIn(arm, { formBodies: true });
    const refused = await kept.app.inject({ ...transfer, headers: { ...form, cookie: kept.cookie } });
    expect(refused.statusCode).toBe(403);

    const open = await loggedIn(arm, { formBodies: true, csrfProtection: false });
    const accepted = await open.app.inject({ ...transfer, headers: { ...form, cookie: open.cookie } });
    expect(accepted.json()).toEqual({ accepted: true, from: ADA.username, to: 'bob', amount: 5 });
  });
});

it('parses integers in a form as numbers, and all other fields as text', () => {
  expect(readForm('to=u+1&amount=5&huge=12345678901234567890&x=1.5')).toEqual({
    to: 'u 1',
    amount: 5,
    huge: '12345678901234567890',
    x: '1.5',
  });
  expect(Object.keys(readForm('__proto__=1'))).toEqual(['__proto__']);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});
