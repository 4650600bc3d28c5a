import { expect, it } from 'vitest';
import type { ArmFacts } from './evidence.ts';
import { evidenceOf } from './from-run.ts';
import { DEFAULT_NEEDS } from './needs.ts';
import { reasonsFor } from './rules.ts';
import { knownRun } from './testing/known-run.ts';

const [arm] = evidenceOf(knownRun()).arms;
if (arm === undefined) throw new Error('the known run has no arm');

const verdictOf = (facts: Partial<ArmFacts>) =>
  reasonsFor({ ...arm, ...facts }, { ...DEFAULT_NEEDS, verifiedElsewhere: true }).find(
    ({ rule }) => rule === 'verifier',
  );

it('lets services verify what cannot be issued by them: a public key, or an edge that exchanges the credential', () => {
  expect(verdictOf({ variant: null, tokenAlgorithm: null })?.verdict).toBe('breaks');
  expect(verdictOf({ variant: null, tokenAlgorithm: 'HS256' })?.verdict).toBe('breaks');
  expect(verdictOf({ variant: null, tokenAlgorithm: 'RS256' })?.verdict).toBe('meets');
  expect(verdictOf({ variant: null, tokenAlgorithm: null, serverState: 'issuer' })).toMatchObject({
    verdict: 'meets',
    published: 'RFC 7662, 2',
  });
  expect(verdictOf({ variant: 'edge', tokenAlgorithm: null })).toMatchObject({ verdict: 'meets', declared: 'variant' });
});

it('takes no fault of a replica for an outage of what keeps the state, and says what that is', () => {
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
    text: 'it refuses requests while Redis is away',
  });
  expect(outageOf({ 'companion-killed': 0 }, 'issuer')?.text).toBe(
    'it refuses requests while the authorization server is away',
  );
});
