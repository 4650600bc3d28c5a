import { expect, it } from 'vitest';
import { headerValues } from './response.ts';

it('returns every value of a header in order, whatever the case of the name', () => {
  const head = ['HTTP/1.1 200 OK', 'Set-Cookie: a=1', 'x: y', 'set-cookie:b=2; Path=/ '].join('\r\n');
  expect(headerValues(head, 'SET-cookie')).toEqual(['a=1', 'b=2; Path=/']);
  expect(headerValues(head, 'cookie')).toEqual([]);
});
