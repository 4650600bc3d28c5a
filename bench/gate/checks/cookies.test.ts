import { expect, it } from 'vitest';
import { lateLogout } from '../../testing/late-logout.ts';
import { readSetCookie, type SetCookie } from '../cookies.ts';
import { COOKIES, faultsOf, readableFault, sameSiteFault } from './cookies.ts';

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

it('sees how a logout deletes cookies, although an earlier one was done and answered with 503', async () => {
  const secure = COOKIES.find(({ id }) => id === 32);
  expect(await secure?.run(lateLogout('__Host-sid=; Path=/; Max-Age=0'))).toEqual({
    ...{ result: 'fail', detail: 'the deletion of __Host-sid has no Secure' },
  });
  expect(await secure?.run(lateLogout('__Host-sid=; Path=/; Max-Age=0; Secure'))).toMatchObject({ result: 'pass' });
});
