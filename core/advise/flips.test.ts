import { expect, it } from 'vitest';
import { advise } from './advise.ts';
import { firstOf } from './first.ts';
import { flipsOf, withNumber } from './flips.ts';
import { evidenceOf } from './from-run.ts';
import { DEFAULT_NEEDS, type Needs } from './needs.ts';
import { knownRun } from './testing/known-run.ts';

const RUN = evidenceOf(knownRun());
const API: Needs = { ...DEFAULT_NEEDS, clients: ['api'], keepFromScripts: false };
const BROWSER: Needs = { ...DEFAULT_NEEDS, clients: ['browser'] };

const numeric = (needs: Needs, need: string, direction: string) =>
  flipsOf(RUN, needs).numbers.find((flip) => flip.need === need && flip.direction === direction) ?? null;

it('finds the deadlines at which another arm meets the needs: the cache’s second, the token’s quarter of an hour', () => {
  const seconds = { ...BROWSER, revokeWithinMs: 5000, criticalWithinMs: 5000 };
  expect(numeric(seconds, 'revokeWithinMs', 'down')).toMatchObject({ at: 1000, first: ['session-redis'] });
  const minutes = { ...API, revokeWithinMs: 600_000, criticalWithinMs: 600_000 };
  expect(numeric(minutes, 'revokeWithinMs', 'up')).toMatchObject({ at: 900_000, first: ['jwt-hs256-cached'] });
  expect(numeric(minutes, 'revokeWithinMs', 'down')).toMatchObject({ at: 300_000, first: ['jwt-denylist'] });
});

it('finds the share of critical operations above which checking every request is not shown to cost more', () => {
  // 37 + share × (33 × 1.01 − 15 × 0.99 + 8 × 1.01) reaches 57 × 0.99, at one end of the ratio, at 0.732. From the other
  // arm’s figure, 37 / 0.99 + the same reaches 57 only at 0.739.
  const needs = { ...API, revokeWithinMs: 900_000, criticalWithinMs: 0 };
  expect(numeric(needs, 'criticalShare', 'up')).toMatchObject({
    at: expect.closeTo(0.732, 3),
    first: ['hybrid', 'jwt-denylist'],
  });
});

it('finds the load at which prices put another arm first, and none if only CPU time counts', () => {
  expect(numeric(API, 'requestsPerSecond', 'up')).toBeNull();
  const needs = {
    ...API,
    revokeWithinMs: 0,
    criticalWithinMs: 0,
    clients: ['mobile' as const],
    requestsPerSecond: 100,
  };
  const priced = { ...needs, prices: { replica: 30, redisNode: 200, gigabyte: 0 } };
  // The least load at which one arm’s replicas step before the other’s: 0.7 / (75 µs), give or take the intervals.
  const flip = numeric(priced, 'requestsPerSecond', 'up');
  expect(flip?.at).toBeGreaterThan(0.65 / 75e-6);
  expect(flip?.at).toBeLessThan(0.75 / 75e-6);
});

it('lists the nearest first, and is right on both sides: the old answer below, the new one above', () => {
  const needs = { ...API, revokeWithinMs: 600_000, criticalWithinMs: 0, criticalShare: 0.3, p99Ms: 5, rttMs: 1 };
  const now = advise(RUN, needs).first;
  const { numbers } = flipsOf(RUN, needs);
  expect(numbers.length).toBeGreaterThan(2);
  expect(numbers.map(({ distance }) => distance)).toEqual(
    numbers.map(({ distance }) => distance).toSorted((a, b) => a - b),
  );
  for (const { need, at, direction, first } of numbers) {
    const start = needs[need] ?? 1;
    const beyond = at * (direction === 'up' ? 1.02 : 0.98);
    const before = start + (at - start) * 0.9;
    expect(firstOf(RUN, withNumber(needs, need, before)), `${need} before`).toEqual(now);
    expect(firstOf(RUN, withNumber(needs, need, beyond)), `${need} beyond`).toEqual(first);
  }
});

it('answers every other question too, and leaves out answers that change nothing', () => {
  const { switches } = flipsOf(RUN, { ...API, revokeWithinMs: 0, criticalWithinMs: 0 });
  expect(switches).toContainEqual({ need: 'verifiedElsewhere', to: 'yes', first: [], isMet: false });
  expect(switches).toContainEqual({ need: 'store', to: 'none', first: [], isMet: false });
  expect(switches).toContainEqual({ need: 'clients', to: 'browser,api', first: ['dual'], isMet: true });
  expect(switches.map(({ need }) => need)).not.toContain('crossOrigin');
});
