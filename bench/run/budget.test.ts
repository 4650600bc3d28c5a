import { expect, it } from 'vitest';
import { EXPERIMENTS } from '../experiments/registry.ts';
import type { Experiment } from '../measuring/experiment.ts';
import { armInfo } from '../testing/arm-info.ts';
import { budgetNote, divideBudget, planTime } from './budget.ts';

it('divides a budget in proportion, to the last second', () => {
  expect(divideBudget(100, [50, 30, 20])).toEqual([50, 30, 20]);
  expect(divideBudget(30, [48])).toEqual([30]);
});

const experiment = (name: string, quick: number, leastSeconds: Experiment['leastSeconds']): Experiment => ({
  name,
  question: '?',
  inQuick: true,
  usesRedis: false,
  seconds: { quick, full: 10 * quick },
  leastSeconds,
  defaultArms: (all) => all.map((arm) => arm.name),
  run: async () => 'plan',
  analyse: () => [],
});

const ONE = experiment('one', 30, { once: 2, perArm: 1 });
const OTHER = experiment('other', 10, { once: 5, perArm: 0 });
const plan = (budgetSeconds: number | null, arms: string[] | null = null) =>
  planTime([ONE, OTHER], {
    arms: ['a', 'b', 'c'].map((name) => armInfo(name)),
    config: { arms, profile: 'quick', budgetSeconds },
  });

it('expects each experiment to take its budget, or one fresh start of every arm if that is longer', () => {
  const times = (budget: number | null, arms?: string[]) =>
    plan(budget, arms).map(({ budgetSeconds, expectedSeconds }) => [budgetSeconds, expectedSeconds]);
  expect(times(null)).toEqual([
    [30, 30],
    [10, 10],
  ]);
  expect(times(4)).toEqual([
    [3, 5],
    [1, 5],
  ]);
  expect(times(4, ['b'])).toEqual([
    [3, 3],
    [1, 5],
  ]);
});

it('reports before the run how long it will take if the budget is too short, and for which experiments', () => {
  const note = budgetNote(plan(4), 4);
  expect(note).toContain('--budget 4 s');
  expect(note).toContain('one 5 s, other 5 s');
  expect(note).toContain('at least 10 s');
  expect(budgetNote(plan(20), 20)).toBeNull();
  expect(budgetNote(plan(null), null)).toBeNull();
});

it('is at most the default time of an experiment, for the arms of a quick run', () => {
  for (const { name, seconds, leastSeconds } of EXPERIMENTS) {
    expect(leastSeconds.once + 2 * leastSeconds.perArm, name).toBeGreaterThan(0);
    expect(leastSeconds.once + 2 * leastSeconds.perArm, name).toBeLessThanOrEqual(seconds.quick);
  }
});
