import { expect, it } from 'vitest';
import { nearest } from './nearest.ts';

it('suggests the name that is similar, and lists all names if none is', () => {
  expect(nearest('jwt-hs265', ['jwt-hs256', 'none'])).toBe('did you mean jwt-hs256?');
  expect(nearest('zebra', ['jwt-hs256', 'none'])).toBe('choose from jwt-hs256, none');
  expect(nearest('zebra', [])).toBe('');
});
