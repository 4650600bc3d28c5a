import { expect, it } from 'vitest';
import { MICRO_TASKS } from '../../micro/registry.ts';
import { armInfo } from '../../testing/arm-info.ts';
import { testHeader } from '../../testing/slices.ts';
import { PRIMITIVES_PLANS, secondsPerTask, tasksOf } from './plan.ts';

const all = MICRO_TASKS.map(({ name }) => name);
const arms = [armInfo('a', { hotPath: ['json-parse', 'hs256-verify'] }), armInfo('b', { hotPath: ['json-parse'] })];
const tasks = (profile: 'quick' | 'full', measured: typeof arms) =>
  tasksOf({ config: { ...testHeader.config, profile }, armsOf: (name) => (name === 'toll' ? measured : []) });

it('times in quick the primitives of the toll’s arms, each once', () => {
  expect(tasks('quick', arms).toSorted()).toEqual(['hs256-verify', 'json-parse']);
});

it('times every primitive in full, if it runs without another experiment, or if no arm has any', () => {
  expect(tasks('full', arms)).toEqual(all);
  expect(tasks('quick', [])).toEqual(all);
  expect(tasks('quick', [armInfo('a', { hotPath: [] })])).toEqual(all);
});

it('times fewer primitives for longer in the same budget', () => {
  const plan = { ...PRIMITIVES_PLANS.quick, mostSecondsPerTask: 10 };
  expect(secondsPerTask(plan, 60, 10)).toBeGreaterThan(secondsPerTask(plan, 60, 30));
});
