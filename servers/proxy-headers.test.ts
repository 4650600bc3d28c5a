import { expect, it } from 'vitest';
import { handedOn, OF_A_PROXY } from './proxy-headers.ts';

it('hands on what belongs to the request, and not what belongs to one connection', () => {
  const headers = {
    connection: 'Keep-Alive ,\tX-Hop,,x-last ',
    'keep-alive': 'timeout=5',
    'x-hop': '1',
    'x-last': '2',
    'x-own': '3',
    'set-cookie': ['a=1', 'b=2'],
    'x-forwarded-for': '192.0.2.1',
    te: 'trailers',
  };
  expect(handedOn(headers)).toEqual({ 'x-own': '3', 'set-cookie': ['a=1', 'b=2'], 'x-forwarded-for': '192.0.2.1' });
  expect(Object.keys(handedOn(headers, (name) => OF_A_PROXY.test(name)))).toEqual(['x-own', 'set-cookie']);
});

it('reads a list of connection headers in time that grows with its length', () => {
  // A search that begins anew at each blank would take hours.
  expect(handedOn({ connection: `a${' '.repeat(3_000_000)}b`, a: '1', b: '2' })).toEqual({ a: '1', b: '2' });
});
