/**
 * Needs whose answer is known beforehand, from standards, published guides and arithmetic. The costs are those of
 * `testing/known-run.ts`, or of a recorded run.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { replay } from '../../bench/run/replay.ts';
import { readJournal } from '../results/journal.ts';
import type { Run } from '../results/schema.ts';
import { type Advice, advise } from './advise.ts';
import type { RunEvidence } from './evidence.ts';
import { evidenceOf } from './from-run.ts';
import { DEFAULT_NEEDS, type Needs } from './needs.ts';
import type { Rule } from './rules.ts';
import { KNOWN_ARMS, type KnownArm, knownRun } from './testing/known-run.ts';

function recorded(): Run {
  const path = new URL('../../reports/testing/recorded/full.journal.jsonl.gz', import.meta.url);
  return replay(readJournal(gunzipSync(readFileSync(path)).toString()));
}

const KNOWN = evidenceOf(knownRun());
const RECORDED = evidenceOf(recorded());
const without = (...names: KnownArm[]) =>
  evidenceOf(knownRun({ arms: (Object.keys(KNOWN_ARMS) as KnownArm[]).filter((arm) => !names.includes(arm)) }));

interface Case {
  readonly needs: string;
  readonly given: Partial<Needs>;
  readonly run?: RunEvidence;
  readonly first: readonly string[];
  readonly certainty: Advice['certainty'];
  /** Arms that must be ruled out, each by this need among others. */
  readonly out?: Readonly<Record<string, Rule>>;
  readonly conflicts?: readonly (readonly Rule[])[];
  readonly because: string;
}

const BROWSER: Partial<Needs> = { clients: ['browser'], keepFromScripts: true };
const API: Partial<Needs> = { clients: ['api'], keepFromScripts: false };
const MOBILE: Partial<Needs> = { clients: ['mobile'], keepFromScripts: false };
const within = (ms: number): Partial<Needs> => ({ revokeWithinMs: ms, criticalWithinMs: ms });
const MINUTES = 60_000;

const named = (rules: readonly Rule[]) => [...rules].sort().join(' and ');

const CASES: readonly Case[] = [
  {
    needs: 'pages in a browser, logout ends everything at once',
    given: { ...BROWSER, ...within(0) },
    first: ['session-redis'],
    certainty: 'supported',
    out: {
      'jwt-cookie': 'revocation',
      'session-sealed': 'revocation',
      'session-cached': 'revocation',
      'jwt-denylist': 'script',
    },
    because:
      'OWASP Session Management Cheat Sheet: logout must invalidate the session on the server, cookies are HttpOnly',
  },
  {
    needs: 'pages in a browser, a few seconds of delay are fine',
    given: { ...BROWSER, ...within(5000) },
    first: ['session-cached'],
    certainty: 'supported',
    because: 'arithmetic: a cache of one second keeps the deadline of five, and 27 µs are less than 66 µs',
  },
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
    needs: 'an API for programs, tokens may live to their end',
    given: API,
    first: ['jwt-hs256-cached'],
    certainty: 'supported',
    out: { 'session-redis': 'api', 'jwt-cookie': 'api', 'session-sealed': 'api' },
    because: 'RFC 6750, 2.1: bearer tokens in the Authorization header; 25 µs are the least',
  },
  {
    needs: 'an API for programs, revocation at once',
    given: { ...API, ...within(0) },
    first: ['jwt-denylist'],
    certainty: 'only',
    out: { 'jwt-hs256': 'revocation', 'jwt-denylist-open': 'revocation', 'session-redis': 'api' },
    because: 'OWASP JWT Cheat Sheet, no built-in revocation: a denylist; a stateless token cannot be revoked',
  },
  {
    needs: 'an API for programs, revocation within five minutes',
    given: { ...API, ...within(5 * MINUTES) },
    first: ['jwt-refresh'],
    certainty: 'supported',
    out: { 'jwt-hs256': 'revocation' },
    because: 'RFC 9700, 4.14: short-lived access tokens with refresh token rotation bound the damage; 38 µs against 57',
  },
  {
    needs: 'an API for programs, a deadline as long as a token lives',
    given: { ...API, ...within(15 * MINUTES) },
    first: ['jwt-hs256-cached'],
    certainty: 'supported',
    because: 'arithmetic: a token of 15 minutes ends within 15 minutes by itself',
  },
  {
    needs: 'an API for programs, a deadline a minute shorter than a token lives',
    given: { ...API, ...within(14 * MINUTES) },
    first: ['jwt-refresh'],
    certainty: 'supported',
    because: 'arithmetic: a token of 15 minutes may live for 15 minutes after its revocation',
  },
  {
    needs: 'services of others verify the credential',
    given: { ...API, verifiedElsewhere: true },
    first: ['jwt-rs256'],
    certainty: 'supported',
    out: { 'jwt-hs256': 'verifier', 'jwt-denylist': 'verifier', hybrid: 'verifier' },
    because:
      'RFC 9068, 2.1 recommends asymmetric signatures; with HS256 each verifier could issue; 60 µs are less than 110',
  },
  {
    needs: 'services of others verify it, and it must end at once',
    given: { ...API, ...within(0), verifiedElsewhere: true },
    first: [],
    certainty: 'none',
    conflicts: [['revocation', 'verifier']],
    because: 'arithmetic: of the arms, those with a public key ask no store, so nothing ends before it expires',
  },
  {
    needs: 'browser and API clients of one application, revocation at once',
    given: { clients: ['browser', 'api'], keepFromScripts: true, ...within(0) },
    first: ['dual'],
    certainty: 'only',
    out: { 'session-redis': 'api', 'jwt-denylist': 'script' },
    because:
      'OWASP HTML5 Security Cheat Sheet keeps credentials from scripts, RFC 6750 serves programs: both, one for each',
  },
  {
    needs: 'the same with figures of a real run',
    given: { clients: ['browser', 'api'], keepFromScripts: true, ...within(5000) },
    run: RECORDED,
    first: ['dual'],
    certainty: 'only',
    out: { 'session-redis': 'api', 'jwt-denylist': 'script', 'jwt-hs256': 'revocation', hybrid: 'revocation' },
    because: 'measured: with the token 548 s after logout, with the cookie 0 s; the rest as above',
  },
  {
    needs: 'browser and API clients, where nobody measured an arm that serves both',
    given: { clients: ['browser', 'api'], keepFromScripts: true, ...within(0) },
    run: without('dual'),
    first: [],
    certainty: 'none',
    conflicts: [['api', 'script']],
    because: 'a cookie serves no client without a cookie jar; a bearer token can be read by the page’s scripts',
  },
  {
    needs: 'revocation at once, and no store',
    given: { ...BROWSER, ...within(0), store: 'none' },
    first: [],
    certainty: 'none',
    conflicts: [['revocation', 'store']],
    because: 'contradiction: what no server remembers, no server can revoke (OWASP JWT Cheat Sheet)',
  },
  {
    needs: 'revocation at once, also while Redis is away, on many replicas',
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
    needs: 'pages of another site',
    given: { clients: ['browser'], crossOrigin: true, keepFromScripts: false },
    first: ['jwt-hs256-cached'],
    certainty: 'supported',
    out: { 'session-redis': 'origin', 'jwt-cookie': 'origin' },
    because: 'RFC 6265bis, SameSite: pages of another site send no Lax cookie; a token goes into a header',
  },
  {
    needs: 'pages of another site, of which no script may read the credential',
    given: { clients: ['browser'], crossOrigin: true, keepFromScripts: true },
    first: [],
    certainty: 'none',
    conflicts: [['script', 'origin']],
    because: 'a page that puts the credential into a header can read it: OWASP HTML5 Security Cheat Sheet',
  },
  {
    needs: 'cheap reads, and critical operations that know of a logout at once',
    given: { ...API, revokeWithinMs: 15 * MINUTES, criticalWithinMs: 0, criticalShare: 0.05 },
    first: ['hybrid'],
    certainty: 'supported',
    out: { 'jwt-hs256': 'critical', 'jwt-refresh': 'critical' },
    because:
      'OWASP Authentication Cheat Sheet asks again for sensitive features; 37 µs + 5 % of 26 µs are less than 57 µs',
  },
  {
    needs: 'the same where nearly every operation is critical',
    given: { ...API, revokeWithinMs: 15 * MINUTES, criticalWithinMs: 0, criticalShare: 0.9 },
    first: ['hybrid', 'jwt-denylist'],
    certainty: 'tied',
    because: 'arithmetic: 37 µs + 90 % of something between 8 and 26 µs may be less or more than 57 µs',
  },
  {
    needs: 'mobile apps, logout at once',
    given: { ...MOBILE, ...within(0) },
    first: ['jwt-denylist'],
    certainty: 'supported',
    because: 'an app keeps either; CSRF and XSS are matters of browsers; 57 µs are less than 66 µs',
  },
  {
    needs: 'mobile apps and pages of the application',
    given: { clients: ['browser', 'mobile'], keepFromScripts: true, ...within(0) },
    first: ['dual'],
    certainty: 'supported',
    because: 'arithmetic: 42 µs of the hand-written cookie and token, against 66 µs of the plugin’s session',
  },
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
    needs: 'an API, with figures of a real run',
    given: API,
    run: RECORDED,
    first: ['jwt-hs256', 'jwt-refresh'],
    certainty: 'tied',
    out: { 'session-redis': 'api' },
    because:
      'measured in pairs: 0.77 × [0.66–0.88] of jwt-refresh, which one start of eight blocks and 21 pairs do not bear',
  },
  {
    needs: 'pages in a browser, at once, with figures of a real run',
    given: { ...BROWSER, ...within(5000) },
    run: RECORDED,
    first: ['session-redis'],
    certainty: 'only',
    out: { 'jwt-hs256': 'revocation', 'session-redis-lean': 'craft', dual: 'surface', 'jwt-denylist': 'script' },
    because: 'OWASP Session Management Cheat Sheet, as above',
  },
  {
    needs: 'an arm that failed a security check',
    given: { ...BROWSER, ...within(0) },
    run: evidenceOf(knownRun({ arms: ['none', 'session-redis'], flags: ['gate-failed'] })),
    first: [],
    certainty: 'none',
    out: { 'session-redis': 'gate' },
    conflicts: [['gate']],
    because: 'what breaks a promise has no cost of keeping it',
  },
  {
    needs: 'intervals as wide as the differences',
    given: { ...API, ...within(5 * MINUTES) },
    run: evidenceOf(knownRun({ spread: 0.7, flags: ['interval-wide'] })),
    first: ['jwt-denylist', 'jwt-refresh'],
    certainty: 'tied',
    because: 'no order without a comparison that supports it',
  },
  {
    needs: 'one sample of each',
    given: { ...API, ...within(5 * MINUTES) },
    run: evidenceOf(knownRun({ oneSample: true })),
    first: [],
    certainty: 'unranked',
    because: 'one sample shows no order',
  },
  {
    needs: 'a run without the costs',
    given: { ...API, ...within(5 * MINUTES) },
    run: evidenceOf(knownRun({ experiments: ['store'] })),
    first: [],
    certainty: 'unranked',
    because: 'nothing was compared',
  },
  {
    needs: 'critical operations may lag longer than all',
    given: { ...API, revokeWithinMs: 1000, criticalWithinMs: 2000 },
    first: [],
    certainty: 'none',
    because: 'contradiction in the question',
  },
];

describe.each(CASES)('$needs', ({ given, run = KNOWN, first, certainty, out = {}, conflicts, because }) => {
  const advice = advise(run, { ...DEFAULT_NEEDS, ...given });

  it(`puts ${first.join(' and ') || 'nothing'} first: ${because}`, () => {
    expect([...advice.first].sort()).toEqual([...first].sort());
    expect(advice.certainty).toBe(certainty);
  });

  it('names the needs that rule the others out', () => {
    for (const [name, rule] of Object.entries(out)) {
      const arm = advice.ruledOut.find((one) => one.name === name);
      const broken = arm?.reasons.filter(({ verdict }) => verdict === 'breaks') ?? [];
      expect(
        broken.map((reason) => reason.rule),
        name,
      ).toContain(rule);
    }
    if (conflicts !== undefined) expect(advice.conflicts.map(named)).toEqual(conflicts.map(named));
  });
});

it('has at least 25 cases, each with another question', () => {
  expect(new Set(CASES.map(({ given, run }) => JSON.stringify([given, run?.arms.length, run?.pairs]))).size).toBe(
    CASES.length,
  );
  expect(CASES.length).toBeGreaterThanOrEqual(25);
});
