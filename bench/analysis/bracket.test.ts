import { expect, it } from 'vitest';
import { createRandom } from '../../core/stats/random.ts';
import { bracketMax, bracketQuantile } from './bracket.ts';

const REPLICATIONS = 1000;

/** Coverage of the interval of the median, for a true median of 500, observations 40 apart and one event per fork. */
function coverage(forks: number): number {
  const random = createRandom(3);
  let held = 0;
  for (let i = 0; i < REPLICATIONS; i++) {
    const brackets = Array.from({ length: forks }, () => {
      const moment = 500 + 100 * random.normal();
      const before = 40 * random.random();
      return [{ low: moment - before, high: moment + 40 - before }];
    });
    const { low, high } = bracketQuantile(brackets, 0.5);
    if (low <= 500 && 500 <= high) held++;
  }
  return held / REPLICATIONS;
}

it.each([3, 4, 8])('contains the true median with %i fresh starts', (forks) => {
  expect(coverage(forks)).toBeGreaterThan(0.94);
});

it('is the bracket itself if there was one event', () => {
  const one = [[{ low: 190, high: 200 }]];
  expect(bracketQuantile(one, 0.5)).toMatchObject({ value: 190, low: 190, high: 200, blocks: 1, forks: 1 });
  expect(bracketMax(one)).toMatchObject({ value: 190, low: 190, high: 200 });
});

it('never begins before the start', () => {
  const early = [[{ low: 0, high: 5 }], [{ low: 90, high: 95 }]];
  expect(bracketQuantile(early, 0.5)).toMatchObject({ value: 45, low: 0, blocks: 2, forks: 2 });
});
