import { describe, expect, it } from 'vitest';
import { areKnown, relativeHalfWidth } from './stop.ts';

const figure = (low: number, high: number, blocks = 20, forks = 4) => ({
  value: 100,
  low,
  high,
  confidence: 0.95,
  blocks,
  forks,
});
describe('sampling until known', () => {
  it('stops once every figure is within the target', () => {
    expect(areKnown([figure(99, 101), figure(98.5, 100.5)], { target: 0.02 })).toBe(true);
  });

  it('continues while one figure is too wide on its longer side', () => {
    expect(areKnown([figure(99, 101), figure(99.9, 103)], { target: 0.02 })).toBe(false);
  });

  it('does not trust an interval of too few blocks or forks', () => {
    expect(areKnown([figure(100, 100, 1, 1)], { target: 0.02 })).toBe(false);
    expect(areKnown([figure(99, 101, 20, 1)], { target: 0.02 })).toBe(true);
    expect(areKnown([figure(99, 101, 20, 1)], { target: 0.02, minimumForks: 3 })).toBe(false);
  });

  it('never stops without figures', () => {
    expect(areKnown([], { target: 0.02 })).toBe(false);
  });

  it('compares the width with the value, including a value of zero', () => {
    expect(relativeHalfWidth(figure(97, 101))).toBeCloseTo(0.03, 12);
    expect(relativeHalfWidth({ ...figure(-1, 1), value: 0 })).toBe(Number.POSITIVE_INFINITY);
    expect(relativeHalfWidth({ ...figure(0, 0), value: 0 })).toBe(0);
  });
});
