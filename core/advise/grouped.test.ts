import { expect, it } from 'vitest';
import { advise } from './advise.ts';
import { evidenceOf } from './from-run.ts';
import { sharedReasons, sharedText } from './grouped.ts';
import { DEFAULT_NEEDS } from './needs.ts';
import { knownRun } from './testing/known-run.ts';

const RUN = evidenceOf(knownRun());
const NEEDS = { ...DEFAULT_NEEDS, revokeWithinMs: 60_000, criticalWithinMs: 60_000 };
const { ruledOut } = advise(RUN, NEEDS);

it('writes each reason once, with all of its arms, the most shared first', () => {
  const reasons = sharedReasons(ruledOut, ['breaks'], NEEDS);
  expect(new Set(reasons.map(({ text }) => text)).size).toBe(reasons.length);
  const counts = reasons.map(({ names }) => names.length);
  expect(counts).toEqual(counts.toSorted((a, b) => b - a));
  const broken = ruledOut.flatMap((arm) => arm.reasons.filter(({ verdict }) => verdict === 'breaks'));
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(broken.length);
});

it('makes one reason of late refusals, with the time of each arm', () => {
  const late = sharedReasons(ruledOut, ['breaks'], NEEDS).find(({ text }) => text.includes('revoked credential'));
  expect(late?.text).toBe('it accepts a revoked credential for longer than required');
  expect(late?.names).toContain('jwt-hs256 (15 min declared)');
  expect(late?.sources).toEqual(['declared revocation']);
});

it('takes the measured time only if it is above the limit', () => {
  const seen = { experiment: 'revocation', metric: 'revocation_lag_ms', arm: 'jwt-hs256', factors: {}, unit: 'ms' };
  const told = (low: number) => {
    const figure = { ...seen, value: low, low, high: low + 1, flags: [] };
    const arms = RUN.arms.map((arm) => ({ ...arm, lagMs: { ...arm.lagMs, read: figure } }));
    const reasons = sharedReasons(advise({ ...RUN, arms }, NEEDS).ruledOut, ['breaks'], NEEDS);
    return reasons.flatMap(({ names }) => names).find((name) => name.startsWith('jwt-hs256 ('));
  };
  expect(told(0)).toBe('jwt-hs256 (15 min declared)');
  expect(told(120_000)).toBe('jwt-hs256 (2 min measured)');
});

it('has no brackets after a reason without a source', () => {
  const reason = { text: 'it failed', names: ['a', 'b'], sources: [] };
  expect(sharedText(reason)).toBe('it failed: a and b');
  expect(sharedText({ ...reason, sources: ['cpu', 'declared stores'] })).toBe(
    'it failed: a and b (cpu; declared stores)',
  );
});
