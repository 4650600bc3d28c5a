import { expect, it } from 'vitest';
import { evidenceOf } from './from-run.ts';
import { DEFAULT_NEEDS } from './needs.ts';
import { reasonsFor } from './rules.ts';
import { knownRun } from './testing/known-run.ts';

const [arm] = evidenceOf(knownRun()).arms;
if (arm === undefined) throw new Error('the known run has no arm');

const verdictOf = (facts: { readonly variant: string | null; readonly tokenAlgorithm: string | null }) =>
  reasonsFor({ ...arm, ...facts }, { ...DEFAULT_NEEDS, verifiedElsewhere: true }).find(
    ({ rule }) => rule === 'verifier',
  );

it('lets services verify what cannot be issued by them: a public key, or an edge that exchanges the credential', () => {
  expect(verdictOf({ variant: null, tokenAlgorithm: null })?.verdict).toBe('breaks');
  expect(verdictOf({ variant: null, tokenAlgorithm: 'HS256' })?.verdict).toBe('breaks');
  expect(verdictOf({ variant: null, tokenAlgorithm: 'RS256' })?.verdict).toBe('meets');
  expect(verdictOf({ variant: 'edge', tokenAlgorithm: null })).toMatchObject({ verdict: 'meets', declared: 'variant' });
});
