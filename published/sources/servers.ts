/** Benchmarks of whole servers: a session against a token. */
import type { PublishedBenchmark } from '../benchmark.ts';

export const SERVERS: readonly PublishedBenchmark[] = [
  {
    name: 'ace-auth',
    title: 'Benchmarks of AceAuth against alternatives',
    by: 'namra-ace',
    address: 'https://github.com/namra-ace/ace-auth/blob/d63f6c3e4479a2721bbb69e1dc4ca2fb1d36bfc6/BENCHMARKS.md',
    version: 'commit d63f6c3',
    setup:
      'Express; autocannon on 50 connections for 8 s after 2 s of warm-up; a local Redis. Load and servers share one process. ' +
      'Each candidate runs once, in a fixed order.',
    winner: 'session',
    figures: [
      { what: 'express-session with Redis', value: 3037.13, unit: 'requests/s' },
      { what: 'jsonwebtoken alone', value: 725, unit: 'requests/s' },
      { what: 'session over token', value: 3037.13 / 725, unit: '×', askedHere: 'session-over-token-50' },
    ],
    replay: {
      by: 'loops',
      differs: 'Fastify and fast-jwt in place of Express and jsonwebtoken, and the load generator in its own process.',
    },
    lesson:
      'The verifier was given its secret as a string, which jsonwebtoken 9 first tries to read as a public key (see `jsonwebtoken-966`). ' +
      'In another measurement, on Node 20, that alone took about 0.4 ms, more than a whole session request in this table (0.33 ms), so the loop compared ' +
      'something other than schemes.',
  },
  {
    name: 'stat-tests',
    title: 'Authentication strategies benchmark',
    by: 'digitaldrreamer',
    address: 'https://github.com/digitaldrreamer/stat-tests/blob/00d0b75f58348f15375091cb0bd10df082f48d5c/RESULTS.md',
    version: 'January 2025, commit 00d0b75',
    setup:
      'Sessions in PostgreSQL 18 in a container; autocannon on 100 connections for 10 s, and 1,000 requests one at a time. ' +
      'Each candidate runs once.',
    winner: 'token',
    figures: [
      { what: 'token, 100 connections', value: 5526.73, unit: 'requests/s' },
      { what: 'session, 100 connections', value: 4560.55, unit: 'requests/s' },
      {
        what: 'session over token, 100 connections',
        value: 4560.55 / 5526.73,
        unit: '×',
        askedHere: 'session-over-token-100',
      },
      {
        what: 'session over token, requests per second one at a time',
        value: 639.46 / 992.76,
        unit: '×',
        askedHere: 'session-over-token-1',
      },
      { what: 'token, mean response one at a time', value: 0.973, unit: 'ms' },
      { what: 'hybrid that verifies the same kind of token, mean response one at a time', value: 0.507, unit: 'ms' },
    ],
    replay: { by: 'loops', differs: 'Redis in place of PostgreSQL, and a load generator in its own process.' },
    lesson:
      'One at a time, a hybrid that also verifies a token took half the time of the token alone: order, ' +
      'warm-up or something else mattered more than the scheme. Random order and several fresh starts would have shown it.',
  },
  {
    name: 'jiohh',
    title: 'How much do JWT and session differ in performance? Load test 3',
    by: 'jiohh blog',
    address: 'https://an-jiohh.github.io/blog/Backendload_test3',
    version: 'undated',
    setup:
      'Two Spring applications that differ only in their authentication filter; k6 with 10 to 5,000 virtual users, and metrics of the system.',
    winner: 'session',
    figures: [
      { what: 'advantage of the session, at least', value: 10, unit: '%' },
      { what: 'advantage of the session, at most', value: 40, unit: '%' },
    ],
    replay: {
      notReplayed:
        'its servers are Spring applications on the JVM, which Tollgate does not have, and the range spans several metrics.',
    },
    lesson:
      'The author saw the advantage most clearly in the CPU use of the servers, and notes that latency increased while the request rate still ' +
      'looked normal. That is how a closed loop hides overload.',
  },
  {
    name: 'iacyc-13',
    title: 'Comparative security and performance analysis of session-based and JWT-based web session mechanisms',
    by: 'Khattak, Stantchev, Creutzburg, Dag, Bajwa',
    address:
      'https://proceedings.iacyc.finki.ukim.mk/2025/paper/13/comparative-security-and-performance-analysis-of-session-based-and-jwt-based-web-session-mechanisms',
    version: 'IACyC 2025, abstract',
    setup: 'express-session with Redis, and jsonwebtoken with HS256; JMeter with 1,000 users in 20 s.',
    winner: 'token',
    figures: [
      { what: 'mean response of the token', value: 279, unit: 'ms' },
      { what: 'mean response of the session', value: 7870, unit: 'ms' },
      { what: 'throughput of each', value: 3.39, unit: 'requests/s' },
    ],
    replay: { notReplayed: 'the abstract does not say which requests a user sends, nor how long the run lasted.' },
    lesson:
      'A thousand requests in 20 s are 50 a second, and servers of this kind answer thousands, so something else limited the rate to 3.39 a second. ' +
      'By Little’s law, 27 requests were in flight with the session and one with the token: the two were not under the same load.',
  },
  {
    name: 'kihocche',
    title: 'JWT vs session tokens: a production comparison',
    by: 'Sarah Chen, kihocche.com',
    address: 'https://www.kihocche.com/auth/jwt-vs-session-tokens-production',
    version: '2024-01-20',
    setup: 'In production, at 100,000 requests per second; no hardware, code or distance to the store is given.',
    winner: 'token',
    figures: [
      { what: 'median latency of the session', value: 12, unit: 'ms' },
      { what: 'median latency of the token', value: 2, unit: 'ms' },
      { what: 'p99 of the session', value: 45, unit: 'ms' },
      { what: 'p99 of the token', value: 8, unit: 'ms' },
    ],
    replay: { notReplayed: 'the page describes no setup that could be repeated.' },
    lesson:
      'A median of ten milliseconds is not a lookup in a nearby Redis, which takes well under one, but in a distant or busy store. ' +
      'The experiment `distance` shows what each millisecond of distance costs.',
  },
];
