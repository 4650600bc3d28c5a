import { describe, expect, it } from 'vitest';
import { CHECKS } from '../../bench/gate/registry.ts';
import type { GateResult, GateVerdict } from '../../core/results/gate-schema.ts';
import { CRITICAL_CHECKS, judgeSecurity, securityWords } from './judge.ts';

const OTHER = 39;
const CRITICAL = 5;

function result(verdicts: Readonly<Record<number, GateVerdict>>): GateResult {
  const outcomes = Object.entries(verdicts).map(([id, verdict]) => ({
    check: Number(id),
    verdict,
    detail: 'seen',
    durationMs: 1,
  }));
  const checks = outcomes.map(({ check }) => ({ id: check, name: `name ${check}`, family: 'f', refs: [] }));
  const arms = [{ arm: 'jwt', title: 'JWT', outcomes }];
  return { schemaVersion: 1, startedAt: '2026-01-01T00:00:00Z', durationMs: 1, quick: true, checks, arms };
}
function judged(check: number, base: GateVerdict, head: GateVerdict): 'fault' | 'alike' | 'fine' {
  const [arm] = judgeSecurity(result({ [check]: base }), result({ [check]: head }));
  if ((arm?.faults.length ?? 0) > 0) return 'fault';
  return (arm?.alike.length ?? 0) > 0 ? 'alike' : 'fine';
}

it.each([
  ['pass', 'pass', 'fine'],
  ['pass', 'fail', 'fault'],
  ['pass', 'limit', 'fault'],
  ['pass', 'not-applicable', 'fault'],
  ['limit', 'pass', 'fine'],
  ['limit', 'limit', 'fine'],
  ['limit', 'fail', 'fault'],
  ['limit', 'not-applicable', 'fault'],
  ['not-applicable', 'fail', 'fault'],
  ['not-applicable', 'limit', 'fine'],
  ['fail', 'fail', 'alike'],
  ['fail', 'pass', 'fine'],
  ['fail', 'limit', 'fine'],
] as const)('a check that is %s in base and %s in head is %s', (base, head, expected) => {
  expect(judged(OTHER, base, head)).toBe(expected);
});

describe('a critical check', () => {
  it('must pass in the head, even if the base fails it as well', () => {
    expect(judged(CRITICAL, 'fail', 'fail')).toBe('fault');
    expect(judged(CRITICAL, 'fail', 'pass')).toBe('fine');
  });

  it('runs before every comparison', () => {
    const quick = CHECKS.filter(({ quick, variant }) => quick && variant === 'standard').map(({ id }) => id);
    expect(CRITICAL_CHECKS.filter((id) => !quick.includes(id))).toEqual([]);
  });
});

it('names check and reason, and the result of the base', () => {
  const words = (base: GateVerdict | null, head: GateVerdict) =>
    securityWords({ check: 5, name: 'refuses an altered payload', base, head, detail: 'it got 200' });
  expect(words('pass', 'fail')).toBe(
    'security check 5 (refuses an altered payload) fails in head, but passes in base: it got 200',
  );
  expect(words('fail', 'fail')).toMatch(/fails in head, as in base:/);
  expect(words('pass', 'limit')).toMatch(/passes in base, but head declares a limit:/);
  expect(words('pass', 'not-applicable')).toMatch(/passes in base, but head declares that it does not apply:/);
});

it('counts the checks that applied', () => {
  const both = result({ 1: 'pass', 2: 'not-applicable', 3: 'limit' });
  expect(judgeSecurity(both, both)).toEqual([{ arm: 'jwt', checks: 2, faults: [], alike: [] }]);
});
