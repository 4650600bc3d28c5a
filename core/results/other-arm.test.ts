import { expect, it } from 'vitest';
import { otherArmOf } from './other-arm.ts';

it('is the other arm, under either factor name', () => {
  expect(otherArmOf({ factors: { in_flight: 10, against: 'a' } })).toBe('a');
  expect(otherArmOf({ factors: { layers: 'all', than: 'b' } })).toBe('b');
  expect(otherArmOf({ factors: { replicas: 2 } })).toBe('');
});
