import { describe, expect, it } from 'vitest';
import { relativeHalfWidth, sampleUntilKnown } from './stop.ts';

const figure = (low: number, high: number, blocks = 20, forks = 4) => ({
  value: 100,
  low,
  high,
  confidence: 0.95,
  blocks,
  forks,
});
const time = { spentSeconds: 10, budgetSeconds: 60, nextSeconds: 5 };

describe('sampling until known', () => {
  it('stops by interval once every figure is within the target', () => {
    const narrow = [figure(99, 101), figure(98.5, 100.5)];
    expect(sampleUntilKnown({ ...time, estimates: narrow, target: 0.02 })).toEqual({ stop: true, by: 'interval' });
  });

  it('goes on while one figure is too wide on its longer side', () => {
    const uneven = [figure(99, 101), figure(99.9, 103)];
    expect(sampleUntilKnown({ ...time, estimates: uneven, target: 0.02 })).toEqual({ stop: false });
  });

  it('does not believe an interval of too few blocks or forks', () => {
    expect(sampleUntilKnown({ ...time, estimates: [figure(100, 100, 1, 1)], target: 0.02 })).toEqual({ stop: false });
    const oneFork = { ...time, estimates: [figure(99, 101, 20, 1)], target: 0.02, minimumForks: 3 };
    expect(sampleUntilKnown(oneFork)).toEqual({ stop: false });
  });

  it('stops by budget when the next block would not fit, also with nothing to know', () => {
    const wide = [figure(80, 120)];
    expect(sampleUntilKnown({ ...time, spentSeconds: 56, estimates: wide, target: 0.02 })).toEqual({
      stop: true,
      by: 'budget',
    });
    expect(sampleUntilKnown({ ...time, spentSeconds: 55, estimates: wide, target: 0.02 })).toEqual({ stop: false });
    expect(sampleUntilKnown({ ...time, spentSeconds: 60, estimates: [], target: 0.02 })).toMatchObject({
      by: 'budget',
    });
    expect(sampleUntilKnown({ ...time, estimates: [], target: 0.02 })).toEqual({ stop: false });
  });

  it('measures width against the value, also of a value of zero', () => {
    expect(relativeHalfWidth(figure(97, 101))).toBeCloseTo(0.03, 12);
    expect(relativeHalfWidth({ ...figure(-1, 1), value: 0 })).toBe(Number.POSITIVE_INFINITY);
    expect(relativeHalfWidth({ ...figure(0, 0), value: 0 })).toBe(0);
  });
});
