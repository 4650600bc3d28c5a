import { expect, it } from 'vitest';
import type { Figure } from '../results/schema.ts';
import { nearest } from '../text/nearest.ts';
import { parseExpression } from './expression.ts';
import { brokenOf, isFor, judgeThresholds, outcomeOf, resultLine, resultLines, type Threshold } from './judge.ts';

function limit(text: string, arm: string | null = null, strict = false): Threshold {
  const parsed = parseExpression(text, { experiments: ['toll', 'scale', 'compare'], near: nearest });
  if (!parsed.ok) throw new Error(parsed.fault);
  return { arm, expression: parsed.expression, strict };
}

const figure = (arm: string, low: number, high: number, factors = {}): Figure => ({
  experiment: 'toll',
  arm,
  factors,
  metric: 'cpu_toll_us',
  unit: 'µs',
  value: (low + high) / 2,
  low,
  high,
  confidence: 0.95,
  blocks: 10,
  forks: 4,
  source: 'measured',
  flags: [],
});

it('judges an interval, not an estimate', () => {
  const { expression } = limit('cpu_toll_us < 60');
  expect(outcomeOf(expression, { low: 50, high: 59.9 })).toBe('kept');
  expect(outcomeOf(expression, { low: 50, high: 60 })).toBe('cannot-tell');
  expect(outcomeOf(expression, { low: 59.9, high: 70 })).toBe('cannot-tell');
  expect(outcomeOf(expression, { low: 60, high: 70 })).toBe('broken');
});

it('distinguishes < from <= and > from >= at the boundary', () => {
  const exactly = { low: 1, high: 1 };
  const outcomes = ['<', '<=', '>', '>=', '==', '!='].map((operator) =>
    outcomeOf(limit(`cpu_toll_us ${operator} 1`).expression, exactly),
  );
  expect(outcomes).toEqual(['broken', 'kept', 'broken', 'kept', 'kept', 'broken']);
});

it('applies to each figure of the named arm and factors', () => {
  const figures = [figure('a', 1, 2, { in_flight: 1 }), figure('a', 90, 99, { in_flight: 50 }), figure('b', 90, 99)];
  const outcomes = (threshold: Threshold) => judgeThresholds([threshold], figures).map(({ outcome }) => outcome);
  expect(outcomes(limit('cpu_toll_us < 60'))).toEqual(['kept', 'broken', 'broken']);
  expect(outcomes(limit('cpu_toll_us < 60', 'a'))).toEqual(['kept', 'broken']);
  expect(outcomes(limit('cpu_toll_us{in_flight=1} < 60', 'a'))).toEqual(['kept']);
  expect(outcomes(limit('cpu_toll_us < 60', 'c'))).toEqual(['not-measured']);
});

it('is inconclusive for a single sample, but not for a single count', () => {
  const lone: Figure = { ...figure('a', 71, 71), blocks: 1, forks: 1 };
  const [result] = judgeThresholds([limit('cpu_toll_us < 60')], [lone]);
  expect(result?.outcome).toBe('cannot-tell');
  expect(result && resultLine(result)).toBe('inconclusive: a: cpu_toll_us < 60: 71 (one sample) µs');
  const counted: Figure = {
    ...lone,
    metric: 'redis_commands_per_request',
    unit: 'commands',
    value: 2,
    low: 2,
    high: 2,
  };
  const [count] = judgeThresholds([limit('redis_commands_per_request <= 1')], [counted]);
  expect(count?.outcome).toBe('broken');
});

it('fails if a limit is exceeded, and if it is inconclusive only when strict', () => {
  const figures = [figure('a', 50, 70)];
  const broken = (strict: boolean) => brokenOf(judgeThresholds([limit('cpu_toll_us < 60', 'a', strict)], figures));
  expect(broken(false)).toEqual([]);
  expect(broken(true)).toHaveLength(1);
});

it('shows a limit without measurements, and fails for it only when strict', () => {
  const judged = (strict: boolean) =>
    judgeThresholds([limit('cpu_toll_us < 60', 'nobody', strict)], [figure('a', 1, 2)]);
  const [result] = judged(false);
  expect(result && resultLine(result)).toBe('not checked: nobody: cpu_toll_us < 60: it was not measured');
  expect(brokenOf(judged(false))).toEqual([]);
  expect(brokenOf(judged(true))).toHaveLength(1);
});

it('reports several limits without measurements on one line, as when a comparison omits arms', () => {
  const limits = [limit('cpu_toll_us < 60', 'b'), limit('cpu_toll_us < 70', 'b'), limit('cpu_toll_us < 60', 'c')];
  const judged = judgeThresholds([limit('cpu_toll_us < 60', 'a'), ...limits], [figure('a', 1, 2)]);
  const [kept, ...more] = resultLines(judged);
  expect(kept).toMatch(/^kept: a: /);
  expect(more).toEqual(['not checked: 3 limits of b, c: nothing of them was measured']);
  // When strict, each of them is a failure.
  const strict = judgeThresholds([limit('cpu_toll_us < 60', 'b', true), limit('cpu_toll_us < 60', 'c')], []);
  expect(resultLines(strict)).toHaveLength(2);
});

it('applies only to figures of the named experiment, and leaves comparisons to `compare`', () => {
  const figures = [figure('a', 90, 99), { ...figure('a', 1, 2), experiment: 'scale' }];
  const outcomes = (text: string) => judgeThresholds([limit(text)], figures).map(({ outcome }) => outcome);
  expect(outcomes('cpu_toll_us < 60')).toEqual(['broken', 'kept']);
  expect(outcomes('cpu_toll_us{experiment=scale} < 60')).toEqual(['kept']);
  const commands = (text: string) => (['bench', 'compare'] as const).filter((command) => isFor(command, limit(text)));
  expect(commands('cpu_toll_us < 60')).toEqual(['bench', 'compare']);
  expect(commands('cpu_toll_us{experiment=toll} < 60')).toEqual(['bench']);
  expect(commands('cpu_toll_us{experiment=compare} < 60')).toEqual(['compare']);
});

it('is shown on one line with figure, interval and limit', () => {
  const [result] = judgeThresholds([limit('cpu_toll_us < 60')], [figure('a', 70, 74, { in_flight: 10 })]);
  expect(result && resultLine(result)).toBe('broken: a {in_flight=10}: cpu_toll_us < 60: 72 [70–74] µs');
});
