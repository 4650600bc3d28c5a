import { describe, expect, it } from 'vitest';
import type { GateOutcome, GateVerdict } from '../../../core/results/gate-schema.ts';
import { armInfo } from '../../testing/arm-info.ts';
import type { MutantInfo } from './list.ts';
import { killMatrix, killRow } from './matrix.ts';

const mutant: MutantInfo = {
  name: 'broken',
  check: 5,
  hole: 'it has a hole',
  alsoFails: { 6: 'the same hole' },
  info: armInfo('broken'),
};

function outcomes(verdicts: Readonly<Record<number, GateVerdict>>): GateOutcome[] {
  return Object.entries(verdicts).map(([check, verdict]) => ({
    check: Number(check),
    verdict,
    detail: `seen by ${check}`,
    durationMs: 1,
  }));
}

describe('a kill matrix', () => {
  it('counts a mutant as killed only by a failure of its own check', () => {
    expect(killRow(mutant, outcomes({ 5: 'fail', 7: 'pass' }))).toMatchObject({ killed: true, detail: 'seen by 5' });
    for (const verdict of ['pass', 'limit', 'not-applicable'] as const)
      expect(killRow(mutant, outcomes({ 5: verdict, 7: 'fail' })).killed).toBe(false);
    expect(killRow(mutant, [])).toMatchObject({ killed: false, detail: 'the check was not run', run: 0 });
  });

  it('lists other failures with their declared reasons', () => {
    const row = killRow(mutant, outcomes({ 5: 'fail', 6: 'fail', 7: 'fail', 8: 'not-applicable', 9: 'pass' }));
    expect(row.others).toEqual([
      { check: 6, detail: 'seen by 6', declared: 'the same hole' },
      { check: 7, detail: 'seen by 7', declared: null },
    ]);
    expect(row.run).toBe(4);
  });

  it('has no faults if every check caught its mutant, and other failures were declared', () => {
    const rows = [killRow(mutant, outcomes({ 5: 'fail', 6: 'fail', 7: 'pass' }))];
    expect(killMatrix(rows, [{ id: 5 }])).toEqual({ rows, unproven: [], faults: [] });
  });

  it('reports a surviving mutant, an undeclared failure, and a check without a mutant', () => {
    const rows = [killRow(mutant, outcomes({ 5: 'pass', 7: 'fail' }))];
    const { unproven, faults } = killMatrix(rows, [{ id: 5 }, { id: 9 }]);
    expect(unproven).toEqual([5, 9]);
    expect(faults).toEqual([
      'check 5 did not catch broken: seen by 5',
      'check 7 failed broken, which is not of its kind: seen by 7',
      'check 5 caught no mutant, so what passes it proves nothing',
      'check 9 caught no mutant, so what passes it proves nothing',
    ]);
  });
});
