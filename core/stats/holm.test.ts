import { describe, expect, it } from 'vitest';
import { holm } from './holm.ts';

describe('Holm’s correction', () => {
  it('multiplies the smallest p by the number of comparisons, the next by one less, and never falls', () => {
    const adjusted = holm([0.01, 0.04, 0.03, 0.005]);
    for (const [index, p] of [0.03, 0.06, 0.06, 0.02].entries()) expect(adjusted[index]).toBeCloseTo(p, 12);
  });

  it('gives what R’s p.adjust gives, ties and the limit of 1 included', () => {
    const adjusted = holm([0.5, 0.01, 0.01, 0.9, 0.2]);
    for (const [index, p] of [1, 0.05, 0.05, 1, 0.6].entries()) expect(adjusted[index]).toBeCloseTo(p, 12);
  });

  it('leaves a single comparison alone and takes none', () => {
    expect(holm([0.04])).toEqual([0.04]);
    expect(holm([])).toEqual([]);
    expect(() => holm([1.2])).toThrow(RangeError);
  });
});
