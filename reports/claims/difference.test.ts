import { expect, it } from 'vitest';
import { differenceOf } from './difference.ts';

it('adds the widths of both in quadrature, each side with the matching ends', () => {
  expect(differenceOf({ value: 10, low: 7, high: 14 }, { value: 4, low: 1, high: 8 })).toEqual({
    value: 6,
    low: 6 - 5,
    high: 6 + 5,
  });
});

it('has no width if counts are exact', () => {
  const exact = (value: number) => ({ value, low: value, high: value });
  expect(differenceOf(exact(460), exact(160))).toEqual(exact(300));
});
