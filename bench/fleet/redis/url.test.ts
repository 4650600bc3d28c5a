import { describe, expect, it } from 'vitest';
import { clientUrl, parseRedisUrl } from './url.ts';

const NOBODY = { username: '', password: '', database: 0 };
const at = (host: string, port = 6379, tls = false) => ({ host, port, tls });

describe('the forms of REDIS_URL', () => {
  it.each([
    ['redis://127.0.0.1', { ...NOBODY, at: at('127.0.0.1') }],
    ['redis://[::1]:7000/2', { ...NOBODY, at: at('::1', 7000), database: 2 }],
    ['redis://:secret@localhost', { ...NOBODY, at: at('localhost'), password: 'secret' }],
    ['redis://app:a%40b%3Ac%25@localhost', { ...NOBODY, at: at('localhost'), username: 'app', password: 'a@b:c%' }],
    ['redis://localhost?db=4', { ...NOBODY, at: at('localhost'), database: 4 }],
    ['rediss://localhost:6380/1', { ...NOBODY, at: at('localhost', 6380, true), database: 1 }],
    ['/run/redis.sock', { ...NOBODY, at: { path: '/run/redis.sock' } }],
    ['/run/a b.sock?db=3', { ...NOBODY, at: { path: '/run/a b.sock' }, database: 3 }],
    ['unix:/run/redis.sock', { ...NOBODY, at: { path: '/run/redis.sock' } }],
    ['unix:///run/a%20b.sock', { ...NOBODY, at: { path: '/run/a b.sock' } }],
    [
      'redis+unix://app:p%2Fw@/run/redis.sock?db=1',
      { at: { path: '/run/redis.sock' }, username: 'app', password: 'p/w', database: 1 },
    ],
  ])('%s', (text, target) => {
    expect(parseRedisUrl(text)).toEqual(target);
    // The passed-on form is equivalent.
    expect(parseRedisUrl(clientUrl(target))).toEqual(target);
  });

  it.each([
    ['not a url', 'is not a URL'],
    ['127.0.0.1:6379', 'is not a URL'],
    ['redis://:opensesame#1@localhost', 'is not a URL'],
    ['http://127.0.0.1', 'has the scheme http:'],
    ['redis://:100%opensesame@localhost', 'has a % in its password that is not a percent-encoding'],
    ['unix://:100%opensesame@/run/redis.sock', 'has a % in its password that is not a percent-encoding'],
    ['redis://localhost/opensesame', 'names a database that is not a number'],
    ['redis://localhost/-1', 'names a database that is not a number'],
    ['redis://localhost?opensesame=1', 'has an unknown option'],
    ['redis://localhost#opensesame', 'has a # in it'],
  ])('%s is refused without a word of what it holds', (text, message) => {
    expect(() => parseRedisUrl(text)).toThrow(message);
    expect(() => parseRedisUrl(text)).not.toThrow('opensesame');
  });
});
