import { expect, it } from 'vitest';
import { leftText } from './progress.ts';

it('counts down, and then shows how much longer it takes than planned', () => {
  expect(leftText(65)).toBe('01:05 left');
  expect(leftText(0)).toBe('00:00 left');
  expect(leftText(-12)).toBe('00:12 longer than planned');
});
