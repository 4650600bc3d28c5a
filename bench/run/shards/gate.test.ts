import { expect, it } from 'vitest';
import { failedArms, type GateResult, type GateVerdict } from '../../../core/results/gate-schema.ts';
import { mergedGate } from './gate.ts';

function result(verdicts: Readonly<Record<string, GateVerdict>>, startedAt: string): GateResult {
  return {
    schemaVersion: 1,
    startedAt,
    durationMs: 10,
    quick: true,
    checks: [],
    arms: Object.entries(verdicts).map(([arm, verdict]) => ({
      arm,
      title: arm,
      outcomes: [{ check: 1, verdict, detail: startedAt, durationMs: 1 }],
    })),
  };
}

it('fails an arm that failed in any shard, with the details from there', () => {
  const merged = mergedGate([
    result({ a: 'pass', b: 'pass' }, '2026-01-02'),
    result({ a: 'pass', b: 'fail', c: 'pass' }, '2026-01-01'),
    result({ a: 'pass', b: 'fail' }, '2026-01-03'),
  ]);
  if (merged === null) throw new Error('no result');
  expect(failedArms(merged)).toEqual(['b']);
  expect(merged.arms.map(({ arm, outcomes }) => [arm, outcomes[0]?.detail])).toEqual([
    ['a', '2026-01-02'],
    ['b', '2026-01-01'],
    ['c', '2026-01-01'],
  ]);
  expect(merged).toMatchObject({ startedAt: '2026-01-01', durationMs: 30, quick: true });
});

it('is null if no shard has one', () => {
  expect(mergedGate([])).toBeNull();
});
