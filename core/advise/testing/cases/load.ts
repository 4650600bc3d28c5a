/** Load, distance of Redis, and prices. */
import { evidenceOf } from '../../from-run.ts';
import { knownRun, USUAL_ARMS } from '../known-run.ts';
import { API, BROWSER, type Case, MOBILE, within } from './case.ts';

export const LOAD: readonly Case[] = [
  {
    needs: 'Redis 50 ms away, and 99 % of answers within 20 ms',
    given: { ...API, ...within(0), rttMs: 50, p99Ms: 20 },
    first: [],
    certainty: 'none',
    out: { 'jwt-denylist': 'p99' },
    because: 'arithmetic: one round trip of 50 ms is more than 20 ms',
  },
  {
    needs: 'Redis 50 ms away, tokens may live to their end',
    given: { ...API, rttMs: 50, p99Ms: 20 },
    first: ['jwt-hs256-cached'],
    certainty: 'supported',
    out: { 'jwt-denylist': 'p99' },
    because: 'arithmetic: no round trip, and some 25 µs of work',
  },
  {
    needs: 'little load and prices: all need one replica and one Redis',
    given: {
      ...MOBILE,
      ...within(0),
      requestsPerSecond: 100,
      prices: { replica: 30, redisNode: 200, gigabyte: 0 },
    },
    first: ['jwt-denylist', 'session-redis', 'session-redis-rolling'],
    certainty: 'tied',
    because: 'arithmetic: whole machines cost the same however idle they are',
  },
  {
    needs: 'the same without a deadline: an own store has a price',
    given: { ...MOBILE, requestsPerSecond: 40_000, prices: { replica: 30, redisNode: 200, gigabyte: 0 } },
    first: ['jwt-hs256-cached'],
    certainty: 'supported',
    because:
      'arithmetic: two replicas are 60; session-cached needs two and a Redis, 260; all others need more replicas',
  },
  {
    needs: 'traffic that costs more than machines',
    given: {
      ...MOBILE,
      ...within(0),
      requestsPerSecond: 1e5,
      prices: { replica: 1, redisNode: 1, gigabyte: 0.1 },
    },
    first: ['session-redis'],
    certainty: 'supported',
    because:
      'arithmetic: 240 bytes a request more than a cookie are 6,300 GB a month; OWASP notes the size of tokens too',
  },
  {
    needs: 'hand-written code is allowed, in a browser, at once',
    given: { ...BROWSER, ...within(0), handTuned: true },
    first: ['session-redis-lean'],
    certainty: 'supported',
    because: 'arithmetic: 41 µs are less than 66 µs',
  },
  {
    needs: 'less money than one replica takes',
    given: { ...API, prices: { replica: 30, redisNode: 200, gigabyte: 0 }, budget: 29 },
    first: [],
    certainty: 'none',
    conflicts: [['budget']],
    because: 'arithmetic: every arm needs one replica, of 30',
  },
  {
    needs: 'money for one replica and no Redis',
    given: { ...API, requestsPerSecond: 1000, prices: { replica: 30, redisNode: 200, gigabyte: 0 }, budget: 30 },
    first: ['jwt-hs256', 'jwt-hs256-cached', 'jwt-rs256', 'jwt-es256', 'jwt-eddsa'],
    certainty: 'tied',
    out: { 'jwt-denylist': 'budget', 'jwt-refresh': 'budget', hybrid: 'budget' },
    because: 'arithmetic: one replica serves each at 1,000 requests a second, and a Redis is 200 more',
  },
  {
    needs: 'an authorization server is another machine',
    given: {
      ...API,
      ...within(0),
      requestsPerSecond: 1000,
      prices: { replica: 30, redisNode: 20, gigabyte: 0 },
    },
    run: evidenceOf(knownRun({ arms: [...USUAL_ARMS, 'opaque-introspection'] })),
    first: ['jwt-denylist'],
    certainty: 'supported',
    because: 'arithmetic: a replica and a Redis are 50, and with an authorization server 80',
  },
];
