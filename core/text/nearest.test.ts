import { expect, it } from 'vitest';
import { nearest } from './nearest.ts';

it('suggests a similar name, and lists all names if there is none', () => {
  expect(nearest('jwt-hs265', ['jwt-hs256', 'none'])).toBe('did you mean jwt-hs256?');
  expect(nearest('zebra', ['jwt-hs256', 'none'])).toBe('choose from jwt-hs256, none');
  expect(nearest('zebra', [])).toBe('');
});
