import { expect, it } from 'vitest';
import { usualLengths } from './paired.ts';

it.each([
  [1, [50, 300]],
  [10, [50, 300]],
  [16, [64, 320]],
  [50, [100, 350]],
])('has turns of whole batches, two at least, with %i in flight', (inFlight, lengths) => {
  expect(usualLengths(inFlight, 8)).toEqual(lengths);
  for (const length of lengths) expect(length % inFlight).toBe(0);
});

it('has one length for a target that is alone, which always is busy', () => {
  expect(usualLengths(10, 1)).toEqual([300]);
});
