import { expect, it } from 'vitest';
import { checkSource, type Fact } from '../../../facts/fact.ts';
import { worstOf } from './truth.ts';

const worst = (...facts: Fact[]) => worstOf(checkSource({ subject: 'x', source: 'y', facts }));
const verdict = (ours: 'accepted' | 'refused'): Fact => ({ what: 'z', published: 'refused', ours: () => ours });
const number = (ours: number): Fact => ({ what: 'z', published: 1, tolerance: 0.5, ours: () => ours });

it('calls verdicts exact only if all of them are right', () => {
  expect(worst(verdict('refused'), verdict('refused'))).toBe('exact');
  expect(worst(verdict('refused'), verdict('accepted'))).toBe('wrong');
});

it('gives the largest error of numbers, and says if there is none', () => {
  expect(worst(number(1.1), number(0.9), number(1.3))).toBe('60 %');
  expect(worst(number(1.1), number(Number.NaN))).toBe('no number');
});
