import { expect, test } from 'vitest';
import { GATE_SCHEMA_VERSION, type GateResult } from '../core/results/gate-schema.ts';
import { readChecks } from './commands/gate.ts';
import { gateTable } from './gate-table.ts';

const outcome = (check: number, verdict: 'pass' | 'fail' | 'limit' | 'not-applicable', detail = 'seen') => ({
  check,
  verdict,
  detail,
  durationMs: 1,
});
const result: GateResult = {
  schemaVersion: GATE_SCHEMA_VERSION,
  startedAt: '2026-01-31T12:00:00.000Z',
  durationMs: 3_400,
  quick: false,
  checks: [
    { id: 5, name: 'tampering', family: 'token', refs: [] },
    { id: 23, name: 'logout', family: 'session', refs: [] },
  ],
  arms: [
    { arm: 'session', title: 'Session', outcomes: [outcome(5, 'not-applicable'), outcome(23, 'fail', 'it lived on')] },
    { arm: 'jwt', title: 'JWT', outcomes: [outcome(5, 'pass'), outcome(23, 'limit', 'until expiry')] },
  ],
};

test('the table shows each check by arm, the failures with reasons, and the totals', () => {
  const lines = gateTable(result);
  expect(lines[1]).toMatch(/^ 5 tampering +· +\+$/);
  expect(lines[2]).toMatch(/^23 logout +FAIL +limit$/);
  expect(lines).toContain('  session · check 23: it lived on');
  expect(lines).toContain('  jwt · check 23: until expiry');
  expect(lines.at(-1)).toBe('1 passed, 1 limits, 1 failed, 1 not applicable, in 3 s');
});

test('checks are selected by number and by range, and anything else is reported', () => {
  const checks = [5, 19, 23, 31].map((id) => ({ id }) as Parameters<typeof readChecks>[1][number]);
  const faults: string[] = [];
  const ids = (text: string | undefined) => readChecks(text, checks, faults).map(({ id }) => id);
  expect(ids(undefined)).toEqual([5, 19, 23, 31]);
  expect(ids('23, 5')).toEqual([5, 23]);
  expect(ids('19-31')).toEqual([19, 23, 31]);
  expect(faults).toEqual([]);
  expect(ids('6,x')).toEqual([]);
  expect(faults).toEqual([
    '--checks: "6" is not a check: choose from 1 to 4',
    '--checks: "x" is not a check: choose from 1 to 4',
  ]);
});
