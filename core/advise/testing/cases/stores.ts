/** Where state may be kept, and what happens while it is unavailable. */
import { evidenceOf } from '../../from-run.ts';
import { knownRun } from '../known-run.ts';
import { API, BROWSER, type Case, MINUTES, within } from './case.ts';

/** A replica was killed as well, and half of the requests to it were lost. */
const KILLED = evidenceOf(
  knownRun({
    accepted: {
      'jwt-hs256': { 'replica-killed': 50 },
      'jwt-hs256-cached': { 'replica-killed': 50 },
      hybrid: { 'replica-killed': 50, 'redis-frozen': 100 },
      'jwt-denylist': { 'replica-killed': 50, 'redis-frozen': 0 },
    },
  }),
);

export const STORES: readonly Case[] = [
  {
    needs: 'pages in a browser, no server may keep state',
    given: { ...BROWSER, store: 'none' },
    first: ['jwt-cookie'],
    certainty: 'supported',
    out: { 'session-redis': 'store', 'session-memory': 'store', 'jwt-hs256': 'script' },
    because:
      'OWASP JWT Cheat Sheet, token storage: a hardened cookie where scripts must not read it; 40 µs are less than 45',
  },
  {
    needs: 'revocation at once, also while Redis is unavailable, on many replicas',
    given: { ...BROWSER, ...within(0), outage: 'answer', requestsPerSecond: 40_000 },
    first: [],
    certainty: 'none',
    out: {
      'session-redis': 'outage',
      'jwt-denylist': 'outage',
      'jwt-cookie': 'revocation',
      'session-memory': 'sticky',
    },
    because:
      'Gilbert and Lynch 2002: no answer is both consistent and available while the replicas cannot reach their store',
  },
  {
    needs: 'the same where a user may be bound to a replica',
    given: { ...BROWSER, ...within(0), outage: 'answer', requestsPerSecond: 40_000, sticky: true },
    first: ['session-memory'],
    certainty: 'only',
    because: 'each session lives in one process: sticky routing, as load balancers’ guides have it',
  },
  {
    needs: 'an API that must answer without Redis, and revoke at once',
    given: { ...API, ...within(0), outage: 'answer' },
    first: [],
    certainty: 'none',
    out: { 'jwt-denylist-open': 'revocation', 'jwt-denylist': 'outage' },
    conflicts: [
      ['revocation', 'api', 'outage'],
      ['revocation', 'sticky', 'outage'],
    ],
    because: 'fail-open accepts what was revoked: OWASP Secure Design, fail securely',
  },
  {
    needs: 'reads go on without Redis, in a browser',
    given: { ...BROWSER, outage: 'answer', requestsPerSecond: 40_000 },
    first: ['jwt-cookie'],
    certainty: 'supported',
    out: { 'session-redis': 'outage', 'session-cached': 'outage', 'session-memory': 'sticky' },
    because: 'a self-contained token needs no store; 40 µs are less than the 45 of the sealed cookie',
  },
  {
    needs: 'state in the processes alone, and users bound to one of them',
    given: { ...BROWSER, ...within(0), store: 'process', sticky: true },
    first: ['session-memory'],
    certainty: 'only',
    out: { 'session-redis': 'store', 'jwt-cookie': 'revocation' },
    because: 'express-session, MemoryStore: a process that holds its sessions can end them, for its own users',
  },
  {
    needs: 'state in the processes alone, and requests that go to any of them',
    given: { ...BROWSER, ...within(0), store: 'process' },
    first: [],
    certainty: 'none',
    out: { 'session-memory': 'sticky' },
    because: 'The Twelve-Factor App, VI. Processes: sticky sessions are a violation',
  },
  {
    needs: 'reads go on without Redis, where replicas were seen to lose requests when they were killed',
    given: { ...API, outage: 'answer' },
    run: KILLED,
    first: ['jwt-hs256-cached'],
    certainty: 'supported',
    out: { 'jwt-denylist': 'outage' },
    because: 'a token needs no Redis (RFC 7519, 7.2); a killed replica loses requests whatever they carry',
  },
  {
    needs: 'reads go on without Redis, and critical operations are refused',
    given: { ...API, outage: 'answer', revokeWithinMs: 15 * MINUTES, criticalWithinMs: 0 },
    run: KILLED,
    first: ['hybrid'],
    certainty: 'only',
    out: { 'jwt-hs256': 'critical', 'jwt-denylist': 'outage' },
    because: 'Gilbert and Lynch 2002: each operation is either consistent or available; here reads are the latter',
  },
  {
    needs: 'reads go on without Redis, in a browser, and end within a quarter of an hour',
    given: { ...BROWSER, ...within(15 * MINUTES), outage: 'answer' },
    first: ['jwt-cookie'],
    certainty: 'only',
    out: { 'session-sealed': 'revocation', 'session-redis': 'outage' },
    because: 'arithmetic: a token of 15 minutes ends by itself, a sealed session of 12 hours does not',
  },
];
