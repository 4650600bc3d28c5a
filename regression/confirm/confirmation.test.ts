import { describe, expect, it } from 'vitest';
import type { ThresholdResult } from '../../core/thresholds/judge.ts';
import type { ArmComparison, CostComparison } from '../compare/compare.ts';
import type { Verdict } from '../compare/verdict.ts';
import {
  confirmationNotes,
  dropped,
  findingsOf,
  findingText,
  jointErrorRate,
  outcomeOf,
  standing,
} from './confirmation.ts';
import { needsInstructions, redOf } from './red.ts';

const ratio = (value: number) => ({
  value,
  low: value - 0.01,
  high: value + 0.01,
  confidence: 0.99,
  blocks: 9,
  forks: 9,
});
const judged = (verdict: Verdict, value: number) => ({ verdict, ratio: ratio(value) });
const cost = (verdict: Verdict, value: number, parts: CostComparison['parts'] = null): CostComparison => ({
  metric: 'cpu_us_per_request',
  judged: judged(verdict, value),
  baseUs: 50,
  headUs: 50 * value,
  parts,
  forks: 9,
  seconds: 40,
  pinned: true,
  isWarm: true,
  minutesNeeded: 0,
  logRatios: [Math.log(value)],
});
const arm = (name: string, costs: CostComparison[], head = 1): ArmComparison => ({
  arm: name,
  presence: 'both',
  guards: [{ metric: 'redis_commands_per_request', base: 1, head, error: 0, verdict: head > 1 ? 'more' : 'same' }],
  instructions: null,
  costs,
  counters: null,
});
const limit = (outcome: ThresholdResult['outcome'], of: string | null): ThresholdResult => ({
  threshold: {
    arm: of,
    strict: true,
    expression: {
      text: 'cpu_ratio_to_base <= 1.01',
      metric: 'cpu_ratio_to_base',
      experiment: null,
      factors: {},
      operator: '<=',
      limit: 1.01,
    },
  },
  outcome,
  figure:
    of === null
      ? null
      : {
          experiment: 'compare',
          arm: of,
          factors: {},
          metric: 'cpu_ratio_to_base',
          unit: '×',
          ...ratio(1.05),
          source: 'measured',
          flags: [],
        },
});

describe('a failing result', () => {
  const first = redOf([arm('a', [cost('slower', 1.05)], 2), arm('b', [cost('slower', 1.04)])], []);

  it('stays failing only if the second measurement agrees', () => {
    const findings = findingsOf(first, [arm('a', [cost('slower', 1.06)], 1), arm('b', [cost('same', 1.001)])], []);
    expect(findings.map(({ arm: of, question, outcome }) => [of, question, outcome])).toEqual([
      ['a', 'redis_commands_per_request', 'not-confirmed'],
      ['a', 'cpu_us_per_request', 'confirmed'],
      ['b', 'cpu_us_per_request', 'not-confirmed'],
    ]);
    expect(standing({ findings })).toHaveLength(1);
    expect(dropped({ findings }).map(findingText)).toEqual([
      'a: redis_commands_per_request rose from 1 to 2; measured again: 1 and 1',
      'b: cpu_us_per_request is 1.040 × the base’s, 99 % interval 1.030 to 1.050; measured again: same',
    ]);
    expect(outcomeOf({ findings })).toBe('confirmed');
  });

  it('is not confirmed by an inconclusive second measurement', () => {
    const findings = findingsOf(first, [arm('a', [cost('cannot-tell', 1.03)]), arm('b', [cost('cannot-tell', 1)])], []);
    expect(outcomeOf({ findings })).toBe('not-confirmed');
    expect(findings.at(-1)?.second).toBe('inconclusive');
  });

  it('still counts if the second measurement is missing', () => {
    const findings = findingsOf(first, [arm('a', [], 2)], []);
    expect(findings.map(({ outcome }) => outcome)).toEqual(['confirmed', 'not-measured', 'not-measured']);
    expect(standing({ findings })).toHaveLength(3);
    expect(outcomeOf({ findings })).toBe('confirmed');
    // Nothing was confirmed by a measurement that gave no answer.
    expect(outcomeOf({ findings: findings.slice(1) })).toBe('not-measured');
    expect(findingText(standing({ findings })[2] as never)).toMatch(/^b: .*; it was not measured again$/);
  });

  it('is the same question whether the whole cost rose or its garbage collection', () => {
    const collects = { steady: judged('same', 1), gc: judged('slower', 1.05), baseGcUs: 1, headGcUs: 4 };
    const gc = redOf([arm('a', [cost('cannot-tell', 1.03, collects)])], []);
    expect(gc.map(({ question, kind }) => [question, kind])).toEqual([['cpu_us_per_request', 'cost']]);
    expect(findingsOf(gc, [arm('a', [cost('slower', 1.05)])], [])[0]?.outcome).toBe('confirmed');
  });

  it('counts instructions again for a limit on them, whose question is more than the metric', () => {
    const broken = limit('broken', 'a');
    const { expression } = broken.threshold;
    const text = 'instructions_per_request < 700000';
    const counted = { ...expression, metric: 'instructions_per_request' as const, text };
    const onInstructions = redOf([], [{ ...broken, threshold: { ...broken.threshold, expression: counted } }]);
    expect(onInstructions).toMatchObject([{ question: text, metric: 'instructions_per_request' }]);
    expect(needsInstructions(onInstructions)).toBe(true);
    expect(needsInstructions(redOf([], [broken]))).toBe(false);
  });

  it('applies to limits too, but a limit without measurements cannot be dropped', () => {
    const limits = redOf([], [limit('broken', 'a'), limit('not-measured', null)]);
    const kept = findingsOf(limits, [], [limit('kept', 'a')]);
    expect(kept.map(({ outcome }) => outcome)).toEqual(['not-confirmed', 'not-measured']);
    expect(findingsOf(limits, [], [limit('broken', 'a')])[0]?.outcome).toBe('confirmed');
  });
});

describe('the joint error rate', () => {
  it('is the square of a single one, for each question', () => {
    const rate = jointErrorRate(2, 0.99);
    expect(rate.single).toBeCloseTo(0.01, 12);
    expect(rate.joint).toBeCloseTo(2e-4, 12);
    expect(jointErrorRate(0, 0.99).joint).toBe(0);
    expect(jointErrorRate(1e9, 0.5).joint).toBe(1);
  });

  it('bounds the errors for identical builds in a simulation of independent intervals', () => {
    // Standard normal estimates and 90 % intervals, each question with two ways to be red.
    let seed = 1;
    const uniform = () => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    const isRed = () => uniform() < 0.05 || uniform() < 0.05;
    const trials = 100_000;
    let both = 0;
    for (let i = 0; i < trials; i++) if ([0, 1, 2].some(() => isRed() && isRed())) both++;
    const { joint } = jointErrorRate(3, 0.9);
    expect(both / trials).toBeLessThan(joint);
    expect(both / trials).toBeGreaterThan(0.85 * joint);
  });

  it('is printed with its assumptions, and only for costs', () => {
    const confirmation = {
      startedAt: '',
      seconds: 1,
      seed: 7,
      interrupted: false,
      machineClasses: ['m', 'm'] as const,
      fromFile: false,
      errorRate: jointErrorRate(2, 0.99),
      arms: [],
      explanation: null,
    };
    const costs = findingsOf(redOf([arm('a', [cost('slower', 1.05)])], []), [], []);
    expect(confirmationNotes({ ...confirmation, findings: costs }).join(' ')).toMatch(
      /seed 7, on the same machine\..*at most 1 % of arms and costs.*at most 0\.02 % for all 2 .*independent, given the builds/,
    );
    const one = { ...confirmation, errorRate: jointErrorRate(1, 0.99), findings: costs };
    expect(confirmationNotes(one)[1]).toContain('both in at most 0.01 %. That holds');
    const counts = findingsOf(redOf([arm('a', [], 2)], []), [], []);
    expect(confirmationNotes({ ...confirmation, findings: counts })).toHaveLength(1);
    expect(
      confirmationNotes({ ...confirmation, machineClasses: ['m', 'n'], fromFile: true, findings: costs })[0],
    ).toMatch(/on a machine of another class: n, and first m\.$/);
  });
});
