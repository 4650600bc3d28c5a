import { expect, it } from 'vitest';
import { readSetCookie, type SetCookie } from '../cookies.ts';
import { faultsOf, readableFault, sameSiteFault } from './cookies.ts';

function cookie(line: string): SetCookie {
  const read = readSetCookie(line);
  if (read === null) throw new Error(`no cookie: ${line}`);
  return read;
}

it('finds a cookie that scripts can read, or with a value that a body contains', () => {
  expect(readableFault(cookie('sid=abc'), [])).toBe('has no HttpOnly');
  expect(readableFault(cookie('sid=a%2Fb; HttpOnly'), ['{"id":"a/b"}'])).toBe('is in a body');
  expect(readableFault(cookie('sid=abc; HttpOnly'), ['{"id":"xyz"}'])).toBeNull();
});

it('does not find an empty value in every body', () => {
  expect(readableFault(cookie('flash=; HttpOnly'), ['{}'])).toBeNull();
});

it('lists each fault once, however often the cookie is set', () => {
  const cookies = [cookie('sid=a; SameSite=None'), cookie('sid=b; SameSite=None')];
  expect(faultsOf(cookies, sameSiteFault)).toEqual(['sid has SameSite=none']);
  expect(faultsOf([cookie('sid=a; SameSite=Lax')], sameSiteFault)).toEqual([]);
});
