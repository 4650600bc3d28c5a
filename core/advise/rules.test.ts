import { expect, it } from 'vitest';
import { armSummary } from '../results/testing/arm-summary.ts';
import type { ArmFacts } from './evidence.ts';
import { evidenceOf, factsOf } from './from-run.ts';
import { DEFAULT_NEEDS } from './needs.ts';
import { reasonsFor } from './rules.ts';
import { knownRun } from './testing/known-run.ts';

const [arm] = evidenceOf(knownRun()).arms;
if (arm === undefined) throw new Error('the known run has no arm');

const verdictOf = (facts: Partial<ArmFacts>) =>
  reasonsFor({ ...arm, ...facts }, { ...DEFAULT_NEEDS, verifiedElsewhere: true }).find(
    ({ rule }) => rule === 'verifier',
  );

it('lets services verify what they cannot issue: by a public key, or an edge that exchanges the credential', () => {
  expect(verdictOf({ variant: null, tokenAlgorithm: null })?.verdict).toBe('breaks');
  expect(verdictOf({ variant: null, tokenAlgorithm: 'HS256' })?.verdict).toBe('breaks');
  expect(verdictOf({ variant: null, tokenAlgorithm: 'RS256' })?.verdict).toBe('meets');
  expect(verdictOf({ variant: null, tokenAlgorithm: null, serverState: 'issuer' })).toMatchObject({
    verdict: 'meets',
    published: 'RFC 7662, 2',
  });
  expect(verdictOf({ variant: 'edge', tokenAlgorithm: null })).toMatchObject({ verdict: 'meets', declared: 'variant' });
});

it('does not treat a fault of a replica as an outage of the store, and names the store', () => {
  const outageOf = (accepted: Record<string, number>, serverState = 'redis') => {
    const [seen] = evidenceOf(knownRun({ arms: ['jwt-refresh'], accepted: { 'jwt-refresh': accepted } })).arms;
    if (seen === undefined) throw new Error('the known run has no arm');
    return reasonsFor({ ...seen, serverState }, { ...DEFAULT_NEEDS, clients: ['api'], outage: 'answer' }).find(
      ({ rule }) => rule === 'outage',
    );
  };
  expect(outageOf({ 'replica-killed': 50 })?.verdict).toBe('meets');
  expect(outageOf({ 'replica-killed': 50, 'redis-frozen': 100 })?.verdict).toBe('meets');
  expect(outageOf({ 'redis-frozen': 50 })).toMatchObject({
    verdict: 'breaks',
    text: 'it refuses requests while Redis is unavailable',
  });
  expect(outageOf({ 'companion-killed': 0 }, 'issuer')?.text).toBe(
    'it refuses requests while the authorization server is unavailable',
  );
});

it('knows where copies of a login are kept, and does not treat a denylist as such a copy', () => {
  const session = { serverState: 'redis', variant: 'cached', stores: ['session'] };
  const where = (more: object) => factsOf(armSummary('an-arm', { ...session, ...more })).copiesIn;
  expect(where({})).toBe('replica');
  expect(where({ hotPath: ['session-copy-verify'] })).toBe('client');
  expect(where({ serverState: 'issuer', stores: ['opaque-token'], variant: 'edge' })).toBe('edge');
  // Each replica has the whole list; a cache of verified tokens keeps no state of a login; nor does a plain session.
  expect(where({ stores: ['denylist'] })).toBeNull();
  expect(where({ serverState: 'none', stores: [] })).toBeNull();
  expect(where({ variant: null })).toBeNull();
});

it('warns if a cost rests on cache hits', () => {
  const cacheOf = (facts: Partial<ArmFacts>) =>
    reasonsFor({ ...arm, ...facts }, DEFAULT_NEEDS).find(({ rule }) => rule === 'cache');
  expect(cacheOf({ variant: 'cached', copiesIn: 'client' })).toMatchObject({
    verdict: 'caution',
    text: 'this is the cost for users who return while their browser keeps their copy: other requests query the store',
  });
  expect(cacheOf({ variant: 'edge', copiesIn: 'edge' })?.text).toContain('while an edge keeps their copy');
  expect(cacheOf({ variant: 'cached', copiesIn: null, serverState: 'none' })?.text).toContain('verified before');
  expect(cacheOf({ variant: 'cached', copiesIn: null, serverState: 'redis' })).toBeUndefined();
  expect(cacheOf({ variant: null, copiesIn: null })).toBeUndefined();
});

it('does not say that a bound was kept if a credential was accepted for longer than declared', () => {
  const { declares } = arm;
  if (declares === null) throw new Error('the arm declares nothing');
  const reasonOf = (low: number) => {
    const read = {
      ...{ experiment: 'revocation', metric: 'revocation_lag_ms', arm: arm.name, factors: {}, unit: 'ms', flags: [] },
      ...{ value: low, low, high: low + 5 },
    };
    const facts = { ...arm, declares: { ...declares, revokedWithinMs: 0 }, lagMs: { ...arm.lagMs, read } };
    const needs = { ...DEFAULT_NEEDS, revokeWithinMs: 5000, criticalWithinMs: 5000 };
    const { verdict, text } = reasonsFor(facts, needs).find(({ rule }) => rule === 'revocation') ?? {};
    return `${verdict}: ${text}`;
  };
  const promise = 'meets: a revoked credential is refused at once';
  expect(reasonOf(0)).toBe(`${promise}, and was`);
  expect(reasonOf(3000)).toBe(`${promise}, as declared, but was still accepted 3 s later`);
});
