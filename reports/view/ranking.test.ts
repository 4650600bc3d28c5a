import { describe, expect, it } from 'vitest';
import type { Run } from '../../core/results/schema.ts';
import { figure } from '../testing/figure.ts';
import { sampleRun } from '../testing/sample-run.ts';
import { placeOf, rankCosts, tiedWith } from './ranking.ts';

/** Ratios of each pair; a half width for all of them. */
function runWith(costs: Record<string, number>, halfWidth: number): Run {
  const arms = Object.entries(costs);
  const base = sampleRun();
  const factors = { in_flight: 10 };
  const figures = arms.flatMap(([arm, cost], index) => [
    figure(arm, 'cpu_ratio_to_baseline', cost, { factors }),
    ...arms.slice(index + 1).map(([against, other]) => {
      const value = cost / other;
      const spread = { low: value * (1 - halfWidth), high: value * (1 + halfWidth), forks: 6 };
      return { ...figure(arm, 'cpu_ratio_to_arm', value, { factors: { ...factors, against } }), ...spread };
    }),
  ]);
  return { ...base, figures };
}

const nobody = new Set<string>();

describe('the ranking of costs', () => {
  it('gives indistinguishable arms the same rank, and counts on after them', () => {
    const ranking = rankCosts(runWith({ dear: 4, twin: 2.01, other: 2, cheap: 1.5 }, 0.02), nobody);
    expect(ranking?.arms).toEqual([
      { arm: 'cheap', rank: 1 },
      { arm: 'other', rank: 2 },
      { arm: 'twin', rank: 2 },
      { arm: 'dear', rank: 4 },
    ]);
    expect(['cheap', 'other', 'twin', 'dear'].map((arm) => placeOf(arm, ranking))).toEqual(['1', '2 =', '2 =', '4']);
    expect(tiedWith('other', ranking)).toEqual(['twin']);
    expect(tiedWith('dear', ranking)).toEqual([]);
  });

  it('requires more of each pair if there are many, as some would differ by chance', () => {
    // 2.6 % apart, known to ±2.4 %: enough for one pair alone, not for the dearest of ten.
    const alone = rankCosts(runWith({ a: 1, b: 1.026 }, 0.024), nobody);
    expect(alone?.arms.map(({ rank }) => rank)).toEqual([1, 2]);
    const crowd = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`x${i}`, 1 + i * 0.001]));
    const among = rankCosts(runWith({ a: 1, b: 1.026, ...crowd }, 0.024), nobody);
    expect(among?.arms.every(({ rank }) => rank === 1)).toBe(true);
  });

  it('excludes arms that failed a security check, so that they take no rank', () => {
    const ranking = rankCosts(runWith({ broken: 1, sound: 2, dear: 3 }, 0.01), new Set(['broken']));
    expect(placeOf('broken', ranking)).toBe('');
    expect(placeOf('sound', ranking)).toBe('1');
  });

  it('is null if no arms were compared', () => {
    expect(rankCosts(runWith({ only: 2 }, 0.01), nobody)).toBeNull();
    expect(placeOf('only', null)).toBe('');
  });
});
