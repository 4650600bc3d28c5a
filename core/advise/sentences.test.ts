import { expect, it } from 'vitest';
import { type Advice, advise } from './advise.ts';
import type { PairEvidence } from './evidence.ts';
import { evidenceOf } from './from-run.ts';
import { DEFAULT_NEEDS, type Needs } from './needs.ts';
import { answerTexts, carriesTexts, flipTexts, lagText, needsTexts } from './sentences.ts';
import { knownRun } from './testing/known-run.ts';

const RUN = evidenceOf(knownRun({ spread: 0.03 }));
const API: Needs = { ...DEFAULT_NEEDS, clients: ['api'], keepFromScripts: false };

it('says by how much the next arm costs more, with its interval', () => {
  const needs = { ...API, revokeWithinMs: 300_000, criticalWithinMs: 300_000 };
  const [verdict, lead] = answerTexts(advise(RUN, needs), needs, RUN);
  expect(verdict).toBe('jwt-refresh: of 2 arms that meet the requirements it takes the least CPU time.');
  // 57 / 38, each within 3 %.
  expect(lead).toMatch(
    /^jwt-denylist, which is next, takes 1\.5\d?× \[1\.4\d?–1\.\d+\] the CPU time of jwt-refresh for a read as in the benchmark\.$/,
  );
});

it('claims no difference in the cost of a read that the pair of two arms does not show', () => {
  const needs = { ...API, revokeWithinMs: 300_000, criticalWithinMs: 300_000 };
  // The order stays, as it does if it does not rest on reads alone.
  const advice = advise(RUN, needs);
  const leadOf = (outcome: PairEvidence['outcome']) => {
    const run = { ...RUN, pairs: RUN.pairs.map((pair) => ({ ...pair, outcome })) };
    return answerTexts(advice, needs, run).filter((text) => text.includes('which is next'));
  };
  expect(leadOf('less')).toHaveLength(1);
  expect(leadOf('one sample')).toEqual([]);
  expect(leadOf('no difference')).toEqual([]);
});

it('does not compare reads if critical operations put an arm first whose reads cost more', () => {
  // A read of hybrid takes 37 µs and one of jwt-refresh 38; a critical operation of hybrid takes 8 to 26 more.
  const needs = { ...API, revokeWithinMs: 900_000, criticalWithinMs: 900_000, criticalShare: 1 };
  const run = evidenceOf(knownRun({ arms: ['none', 'session-redis-lean', 'jwt-refresh', 'hybrid'] }));
  const advice = advise(run, needs);
  expect(advice).toMatchObject({ certainty: 'supported', first: ['jwt-refresh'] });
  expect(advice.ranked[1]?.name).toBe('hybrid');
  const text = answerTexts(advice, needs, run).join(' ');
  expect(text).toContain('it takes the least CPU time');
  expect(text).not.toContain('which is next');
});

it('says what distinguishes arms without a difference in cost', () => {
  const pairs = RUN.pairs.map((pair) => ({ ...pair, outcome: 'no difference' as const }));
  const run = { ...RUN, pairs };
  const needs = { ...DEFAULT_NEEDS, criticalShare: 0 };
  const text = answerTexts(advise(run, needs), needs, run).join(' ');
  expect(text).toMatch(
    /Choose between them by what they do: .*session-sealed.* need no Redis; .*session-redis.* refuse/,
  );
});

it('says that credentials are refused at once only of arms that were not seen to accept them later', () => {
  const pairs = RUN.pairs.map((pair) => ({ ...pair, outcome: 'no difference' as const }));
  const seen = (low: number) => ({
    ...{ experiment: 'revocation', metric: 'revocation_lag_ms', arm: 'session-redis', factors: {}, unit: 'ms' },
    ...{ value: low, low, high: low + 5, flags: [] },
  });
  const needs = { ...DEFAULT_NEEDS, criticalShare: 0 };
  const told = (low: number) => {
    const arms = RUN.arms.map((arm) => ({ ...arm, lagMs: { ...arm.lagMs, read: seen(low) } }));
    const run = { ...RUN, arms, pairs };
    return answerTexts(advise(run, needs), needs, run).join(' ');
  };
  expect(told(0)).toContain('session-redis-rolling refuse a revoked credential at once');
  expect(told(3000)).not.toContain('at once');
  const lag = (boundMs: number | null, low: number | null) =>
    lagText({ boundMs, seen: low === null ? null : seen(low) });
  expect([lag(0, 0), lag(0, 3000), lag(1000, 900), lag(1000, 3000)]).toEqual([
    'at once',
    'after 3 s',
    'within 1 s',
    'after 3 s',
  ]);
  expect([lag(0, null), lag(null, 3000)]).toEqual(['at once (declared)', 'never']);
});

it('tells a small set of first arms by name, and a large one by its difference', () => {
  const flip = (first: readonly string[], isMet = true) => ({ need: 'store', to: 'none', first, isMet }) as const;
  const told = (now: readonly string[], first: readonly string[], isMet = true) =>
    flipTexts({ numbers: [], switches: [flip(first, isMet)] }, now)[1];
  const start = 'if servers keep no state: ';
  expect(told(['a', 'b'], ['b'])).toBe(`${start}b is first`);
  expect(told(['a', 'b', 'c', 'd'], ['a', 'b', 'c', 'd', 'e'])).toBe(`${start}e is first too`);
  expect(told(['a', 'b', 'c', 'd', 'e'], ['a', 'b', 'c', 'd'])).toBe(`${start}e is no longer first`);
  expect(told(['a', 'b', 'c', 'd'], ['b', 'c', 'd', 'e'])).toBe(`${start}e is first too, and a is no longer first`);
  expect(told(['a'], ['b', 'c', 'd', 'e', 'f', 'g', 'h'])).toBe(`${start}b, c, d, e, f and 2 more are first`);
  expect(told(['a'], [], false)).toBe(`${start}no arm meets the requirements`);
  expect(told(['a'], [], true)).toBe(`${start}it is not known which arm costs least`);
});

it('joins other answers with the same outcome', () => {
  const switches = [
    { need: 'store', to: 'none', first: [], isMet: false },
    { need: 'outage', to: 'answer', first: [], isMet: false },
  ] as const;
  expect(flipTexts({ numbers: [], switches }, ['a'])).toEqual([
    'no value within its range changes the first place',
    'if servers keep no state; or if reads must be answered while Redis is unavailable: no arm meets the requirements',
  ]);
});

it('lists what arms carry by their limit, the most first', () => {
  const carries = [
    { name: 'a', load: { requestsPerSecond: 12_345, limit: 'budget' } },
    { name: 'b', load: { requestsPerSecond: null, limit: 'p99' } },
    { name: 'c', load: { requestsPerSecond: 45_678, limit: 'budget' } },
    { name: 'd', load: { requestsPerSecond: 1e7, limit: 'range' } },
  ] as const;
  expect(carriesTexts(carries)).toEqual([
    'requests a second, the highest load that was tried: d 10 million',
    'requests a second, limited by the budget: c 45,000; a 12,000',
    'requests a second, limited by the latency limit: b none',
  ]);
});

it('states the prices as they were given', () => {
  const prices = { replica: 30.25, redisNode: 200, gigabyte: 0.05 };
  expect(needsTexts({ ...API, prices })).toContain(
    'prices in one currency: 30.25 a month for a replica, 200 a month for a Redis node, 0.05 for a GB of traffic',
  );
});

it('calls no advice first if its requirements contradict each other', () => {
  const needs = { ...API, revokeWithinMs: 0, criticalWithinMs: null };
  const advice: Advice = advise(RUN, needs);
  expect(answerTexts(advice, needs, RUN)).toEqual([
    'The requirements contradict each other: the limit for critical operations cannot be longer than for all requests.',
  ]);
});
