import { expect, it } from 'vitest';
import { nodeRedisUrl } from './redis-address.ts';

it.each([
  ['redis://127.0.0.1:6379', 'redis://127.0.0.1:6379'],
  ['redis://:secret@127.0.0.1:6379/1', 'redis://:secret@127.0.0.1:6379/1'],
  // A password alone is for the default user: no name is sent.
  ['/run/redis.sock?password=p%26w', 'unix://:p%26w@/run/redis.sock'],
  ['/run/redis.sock?db=2&password=s%3Ac', 'unix://:s%3Ac@/run/redis.sock?db=2'],
  ['/run/redis.sock?db=2&username=ada&password=pw', 'unix://ada:pw@/run/redis.sock?db=2'],
  ['/run/redis.sock', 'unix:///run/redis.sock'],
  ['/run/100%25 #1.sock?db=2', 'unix:///run/100%2525 %231.sock?db=2'],
  ['unix:/run/redis.sock', 'unix:///run/redis.sock'],
  ['redis+unix://user:secret@/run/redis.sock?db=1', 'unix://user:secret@/run/redis.sock?db=1'],
])('%s is %s to node-redis', (url, expected) => expect(nodeRedisUrl(url)).toBe(expected));
