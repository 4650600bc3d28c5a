import { expect, test } from 'vitest';
import { alterations } from './attacks/alter.ts';
import { readSetCookie } from './cookies.ts';

test('a cookie is read with its attributes, in any case and order', () => {
  const cookie = readSetCookie('__Host-sid=abc.def=; path=/ ;HTTPONLY; SameSite=Lax; Secure');
  expect(cookie).toMatchObject({ name: '__Host-sid', value: 'abc.def=', pairBytes: 18, deletes: false });
  expect(Object.fromEntries(cookie?.attributes ?? [])).toEqual({
    path: '/',
    httponly: '',
    samesite: 'Lax',
    secure: '',
  });
});

test('a cookie is deleted by a Max-Age of zero or a date in the past, and Max-Age takes precedence', () => {
  const nowMs = Date.UTC(2026, 0, 31);
  const past = 'Expires=Thu, 01 Jan 1970 00:00:00 GMT';
  expect(readSetCookie('sid=; Max-Age=0', nowMs)?.deletes).toBe(true);
  expect(readSetCookie(`sid=; ${past}`, nowMs)?.deletes).toBe(true);
  expect(readSetCookie(`sid=x; Max-Age=60; ${past}`, nowMs)?.deletes).toBe(false);
  expect(readSetCookie('sid=x', nowMs)?.deletes).toBe(false);
});

test('a line without a name is not a cookie', () => {
  expect(readSetCookie('=x; Path=/')).toBeNull();
  expect(readSetCookie('nonsense')).toBeNull();
});

test('every alteration of a cookie differs from it, and from the others', () => {
  for (const value of ['kVd81nQp0xRtY2.mJ4sLw9zEoH7uCa3fXyB', 'noSignatureInHereAtAll']) {
    const altered = alterations(value, 'other.foreign').map(([, text]) => text);
    expect(altered).not.toContain(value);
    expect(new Set(altered).size).toBe(altered.length);
  }
});
