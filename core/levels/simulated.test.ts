import { expect, it } from 'vitest';
import { createRandom } from '../stats/random.ts';
import { SIMULATED } from './simulated.ts';

it.each(SIMULATED)('makes $name of any length, with its changes inside', ({ make }) => {
  const random = createRandom(1);
  for (const count of [5, 6, 10, 37, 200]) {
    for (let trial = 0; trial < 20; trial++) {
      const { values, changes } = make(random, count);
      expect(values).toHaveLength(count);
      expect(values.every((value) => value > 0 && Number.isFinite(value))).toBe(true);
      expect(changes.every((at, i) => at > (changes[i - 1] ?? 0) && at < count)).toBe(true);
    }
  }
});

it('makes the same from the same seed', () => {
  const [kind] = SIMULATED.slice(-1);
  expect(kind?.make(createRandom(2), 30)).toEqual(kind?.make(createRandom(2), 30));
});
