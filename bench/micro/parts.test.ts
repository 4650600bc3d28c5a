import { describe, expect, it } from 'vitest';
import type { Estimate } from '../../core/stats/interval.ts';
import { describeArms } from '../run/arms.ts';
import { explain, partsOf } from './parts.ts';
import { MICRO_TASKS } from './registry.ts';

const about = (value: number, halfWidth: number): Estimate => ({
  value,
  low: value - halfWidth,
  high: value + halfWidth,
  confidence: 0.95,
  blocks: 20,
  forks: 4,
});

const primitives = new Map([
  ['cookie-parse', about(1, 0.1)],
  ['cookie-unsign', about(4, 0.2)],
  ['cookie-sign', about(2, 0.1)],
  ['redis-getex-pipelined', about(20, 1)],
  ['json-parse', about(2, 0.1)],
  ['session-hash', about(5, 0.5)],
]);

const arms = new Map((await describeArms()).map((arm) => [arm.name, arm]));
const pathOf = (arm: string) => arms.get(arm)?.hotPath ?? [];

describe('the parts of a toll', () => {
  it('are the primitives times their counts, and the rest is unexplained', () => {
    const explanation = explain(pathOf('session-redis'), primitives, about(70, 3));
    expect(explanation.parts).toContainEqual({ primitive: 'session-hash', count: 2, value: 10, low: 9, high: 11 });
    expect(explanation.missing).toEqual([]);
    // 1 + 4 + 20 + 2 + 2 + 2 × 5 = 39, give or take 0.1 + 0.2 + 1 + 0.1 + 0.1 + 2 × 0.5 = 2.5.
    expect(explanation.unexplained.value).toBeCloseTo(31, 10);
    expect(explanation.unexplained.low).toBeCloseTo(31 - 3 - 2.5, 10);
    expect(explanation.unexplained.high).toBeCloseTo(31 + 3 + 2.5, 10);
  });

  it('are none for the baseline', () => {
    expect(explain(pathOf('none'), primitives, about(0, 0))).toEqual({
      parts: [],
      unexplained: { value: 0, low: 0, high: 0 },
      missing: [],
      toCore: null,
    });
  });

  it('list what was not measured, and leave its cost unexplained', () => {
    const explanation = explain(pathOf('jwt-hs256'), primitives, about(20, 1));
    expect(explanation.missing).toEqual(['jwt-decode', 'hs256-verify']);
    expect(explanation.unexplained).toEqual({ value: 20, low: 19, high: 21 });
  });

  it('give the ratio of the toll to the essential primitives', () => {
    // One GETEX of 20 µs, give or take 1, in a toll of 70, give or take 3.
    const ratio = explain(pathOf('session-redis'), primitives, about(70, 3)).toCore;
    expect(ratio?.value).toBeCloseTo(3.5, 10);
    expect(ratio?.low).toBeCloseTo(67 / 21, 10);
    expect(ratio?.high).toBeCloseTo(73 / 19, 10);
    expect(explain(pathOf('session-cached'), primitives, about(9, 1)).toCore).toBeNull();
    // Half of its core was not measured, and a ratio to the other half would mean nothing.
    expect(explain(pathOf('jwt-denylist'), new Map([['hs256-verify', about(10, 1)]]), about(70, 3)).toCore).toBeNull();
  });

  it('are empty for an arm without a declared path', () => {
    expect(explain([], primitives, about(1, 0)).parts).toEqual([]);
  });

  it('count a repeated primitive, wherever it is', () => {
    expect(partsOf(['session-hash', 'json-parse', 'session-hash'])).toEqual([
      { primitive: 'session-hash', count: 2, isCore: false },
      { primitive: 'json-parse', count: 1, isCore: false },
    ]);
  });

  it('are declared by every arm, and all measured by some task', () => {
    const names = new Set(MICRO_TASKS.map((task) => task.name));
    for (const { name, baseline, companions, hotPath = [] } of arms.values()) {
      // An arm may leave all of its work to a companion.
      if (!baseline && companions === undefined) expect(hotPath.length, name).toBeGreaterThan(0);
      for (const primitive of hotPath) expect(names, name).toContain(primitive);
    }
  });
});
