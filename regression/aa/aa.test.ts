import { expect, it } from 'vitest';
import { iterationsFor } from './aa.ts';

it('injects in proportion to what the pilot cost', () => {
  // The pilot’s 4,000 iterations made a request cost half as much again: 5 % is a tenth of that.
  expect(iterationsFor(5, 1.5)).toBe(400);
  expect(iterationsFor(2, 3)).toBe(40);
});
