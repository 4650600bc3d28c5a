import { expect, it } from 'vitest';
import { serviceLives } from './lives.ts';

it('shortens no lifetime of a service, and limits the wait for a long one', () => {
  const lives = { shortened: null, lifeMs: null };
  expect(serviceLives({ revocation: 'at-once' })).toEqual({ ...lives, boundMs: 0, deployedBoundMs: 0, waitMs: 0 });
  expect(serviceLives({ revocation: 'at-expiry', lifetimeMs: 900_000 })).toEqual({
    ...lives,
    boundMs: 900_000,
    deployedBoundMs: 900_000,
    waitMs: 10_000,
  });
  expect(serviceLives({ revocation: 'at-expiry', lifetimeMs: 3_000 }).lifeMs).toBe(3_000);
  expect(serviceLives({ revocation: 'at-expiry' })).toEqual({
    ...lives,
    boundMs: null,
    deployedBoundMs: null,
    waitMs: 10_000,
  });
  expect(serviceLives({ revocation: { withinMs: 5_000 } })).toMatchObject({ boundMs: 5_000, waitMs: 5_000 });
});
