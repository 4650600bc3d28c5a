import { expect, it } from 'vitest';
import { divideBudget } from './budget.ts';

it('divides a budget in proportion, to the last second', () => {
  expect(divideBudget(100, [50, 30, 20])).toEqual([50, 30, 20]);
  expect(divideBudget(30, [48])).toEqual([30]);
});
