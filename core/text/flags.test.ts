import { expect, test } from 'vitest';
import { FLAG_NAMES } from '../results/flags.ts';
import { letterOf } from './flags.ts';

test('every flag has a unique letter', () => {
  const letters = FLAG_NAMES.map(letterOf);
  expect(new Set(letters).size).toBe(FLAG_NAMES.length);
  for (const letter of letters) expect(letter).toMatch(/^[A-Za-z]$/);
});

test('a letter depends on the list of all flags, not on those of one run', () => {
  expect(letterOf('gate-failed')).toBe('a');
  expect(letterOf('generator-saturated')).toBe('b');
});
