import { describe, expect, it } from 'vitest';
import { holm } from './holm.ts';
import { createRandom } from './random.ts';

describe('Holm’s correction', () => {
  it('multiplies the smallest p by the number of comparisons and the next by one less, and never decreases', () => {
    const adjusted = holm([0.01, 0.04, 0.03, 0.005]);
    for (const [index, p] of [0.03, 0.06, 0.06, 0.02].entries()) expect(adjusted[index]).toBeCloseTo(p, 12);
  });

  it('matches R’s p.adjust, including ties and the limit of 1', () => {
    const adjusted = holm([0.5, 0.01, 0.01, 0.9, 0.2]);
    for (const [index, p] of [1, 0.05, 0.05, 1, 0.6].entries()) expect(adjusted[index]).toBeCloseTo(p, 12);
  });

  it('tests a comparison of half the weight at half the level, and passes its share on once it is significant', () => {
    const planned = [3, 1, 1, 1];
    // By hand: 6/3 × 0.02, then the other three as if they were alone.
    const found = holm([0.02, 0.012, 0.03, 0.5], planned);
    for (const [index, p] of [0.04, 0.04, 0.06, 0.5].entries()) expect(found[index]).toBeCloseTo(p, 12);
    const [first, ...others] = holm([0.4, 0.01, 0.02, 0.5], planned);
    expect(first).toBeCloseTo(0.533333333333, 9);
    for (const [index, p] of [0.06, 0.1, 0.533333333333].entries()) expect(others[index]).toBeCloseTo(p, 9);
  });

  it('has at most one false positive in twenty families of equal things, whatever the weights', () => {
    const random = createRandom(7);
    const weights = [9, ...Array.from({ length: 9 }, () => 1)];
    let families = 0;
    for (let i = 0; i < 4000; i++) {
      const adjusted = holm(
        weights.map(() => random.random()),
        weights,
      );
      if (adjusted.some((p) => p < 0.05)) families++;
    }
    // The chance is 1 − 0.975 × (1 − 0.025 / 9)^9 = 4.9 %; 4,000 families vary by 0.34 %.
    expect(families / 4000).toBeGreaterThan(0.039);
    expect(families / 4000).toBeLessThan(0.06);
  });

  it('handles the figures of a hundred shards, several hundred thousand p-values', () => {
    // A sum over all that follow, recomputed for each, would take minutes.
    const adjusted = holm(Array.from({ length: 300_000 }, (_, i) => (i + 1) / 1e12));
    expect(adjusted[0]).toBeCloseTo(3e-7, 12);
    expect(adjusted.at(-1)).toBeCloseTo(
      Math.max(...[150_000, 149_999].map((i) => ((300_000 - i) * (i + 1)) / 1e12)),
      9,
    );
  });

  it('refuses weights that are missing or not positive', () => {
    expect(() => holm([0.1, 0.2], [1])).toThrow(RangeError);
    expect(() => holm([0.1, 0.2], [1, 0])).toThrow(RangeError);
  });

  it('leaves a single comparison unchanged and accepts none', () => {
    expect(holm([0.04])).toEqual([0.04]);
    expect(holm([])).toEqual([]);
    expect(() => holm([1.2])).toThrow(RangeError);
  });
});
