import { expect, it } from 'vitest';
import { createRandom } from '../../../core/stats/random.ts';
import { momentMs } from './cycle.ts';
import { leftMs } from './lives.ts';

const moments = (endsInMs: number | null) =>
  Array.from({ length: 50 }, (_, seed) => {
    const endsAtMs = endsInMs === null ? null : Date.now() + endsInMs;
    const held = { session: { endsAtMs }, loggedInMs: performance.now() };
    return momentMs(held, { lifeMs: 3_000, random: createRandom(seed + 1) });
  });

it('revokes at random moments of the remaining life', () => {
  const all = moments(2_000);
  expect(Math.max(...all)).toBeGreaterThan(1_000);
  expect(Math.max(...all)).toBeLessThan(2_000);
  expect(Math.max(...moments(null))).toBeGreaterThan(2_000);
});

it('waits no longer than the lifetime if the clock was set back, and not at all if it was set forward', () => {
  expect(Math.max(...moments(3_600_000))).toBeLessThan(3_000);
  expect(moments(-3_600_000)).toEqual(Array.from({ length: 50 }, () => 0));
});

it('knows how much of a lifetime is left, by its expiry or by its length', () => {
  const session = (endsInMs: number | null) => ({
    session: { endsAtMs: endsInMs === null ? null : Date.now() + endsInMs },
    loggedInMs: performance.now() - 1_000,
  });
  expect(leftMs(session(null), null)).toBeNull();
  expect(leftMs(session(null), 3_000)).toBeLessThanOrEqual(2_000);
  expect(leftMs(session(500), 3_000)).toBeLessThanOrEqual(500);
  expect(leftMs(session(-500), 3_000)).toBeLessThanOrEqual(-500);
});
