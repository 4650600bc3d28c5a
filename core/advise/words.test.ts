import { expect, test } from 'vitest';
import { loadText } from './words.ts';

test.each([
  [null, 'none'],
  [1, '1'],
  [3.9, '3'],
  [99.9, '99'],
  [1299, '1,200'],
  [99_999, '99,000'],
  [999_999, '990,000'],
  [1e6, '1 million'],
  [1_290_000, '1.2 million'],
  [Math.exp(Math.log(1e7)), '10 million'],
])('a load of %s is rounded down to %s', (load, text) => {
  expect(loadText(load)).toBe(text);
});
