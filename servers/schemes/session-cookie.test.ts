import { describe, expect, it } from 'vitest';
import { readCookie } from './session-cookie.ts';

describe('readCookie', () => {
  it.each([
    ['sid=abc', 'abc'],
    ['a=1; sid=abc; b=2', 'abc'],
    ['a=1;sid=abc', 'abc'],
    ['sid=abc; sid=def', 'abc'],
    ['sid=', ''],
    ['xsid=no; sid=abc', 'abc'],
    ['sidx=no; sid=abc', 'abc'],
    ['a=sid=no; sid=abc', 'abc'],
    ['; ;; sid=abc ', 'abc'],
    ['sid', null],
    ['SID=abc', null],
    ['', null],
    [undefined, null],
  ])('in %j finds %j', (header, expected) => {
    expect(readCookie(header, 'sid')).toBe(expected);
  });
});
