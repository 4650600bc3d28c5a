import { expect, it } from 'vitest';
import type { Factors, Slice } from '../../../core/results/schema.ts';
import { testContext } from '../../testing/slices.ts';
import { analyseOutage, isAsDeclared } from './analyse.ts';

/** All accepted before, during and after, by default. */
const WELL = {
  fault_from_ms: 1_000,
  fault_to_ms: 3_000,
  before_all: 100,
  before_accepted: 100,
  during_all: 200,
  during_accepted: 200,
  after_all: 100,
  after_accepted: 100,
  settled_all: 80,
  settled_accepted: 80,
  recovery_low_ms: 0,
  recovery_ms: 0,
  lost: 0,
  end_all: 50,
  end_refused: 0,
  during_p50_ms: 2,
  during_max_ms: 9,
  timed_out: 0,
  hung: 0,
};

interface Options {
  readonly route?: string;
  readonly fault?: string;
  readonly fork?: number;
}

function slice(
  measures: Record<string, number>,
  { route = 'me', fault = 'redis-frozen', fork = 0 }: Options = {},
): Slice {
  return {
    kind: 'slice',
    experiment: 'outage',
    fork,
    block: 0,
    order: 0,
    arm: 'a',
    factors: { fault, route, redis_client: 'tuned' },
    mode: 'open',
    durationMs: 5_000,
    requests: 400,
    unexpected: 0,
    failed: 0,
    statuses: {},
    measures: { ...WELL, ...measures },
    flags: [],
  };
}

const without = (one: Slice, ...names: string[]): Slice => ({
  ...one,
  measures: Object.fromEntries(Object.entries(one.measures).filter(([name]) => !names.includes(name))),
});

const find = (slices: readonly Slice[], metric: string, factors: Factors = {}) =>
  analyseOutage(slices, testContext).find(
    (figure) =>
      figure.metric === metric && Object.entries(factors).every(([name, level]) => figure.factors[name] === level),
  );

it('compares the declared behaviour with the observed one', () => {
  expect(isAsDeclared(slice({ declared_survives: 1 }))).toBe(true);
  expect(isAsDeclared(slice({ declared_survives: 0 }))).toBe(false);
  expect(isAsDeclared(slice({ declared_survives: 0, settled_accepted: 0 }))).toBe(true);
  expect(isAsDeclared(slice({ declared_survives: 1, settled_accepted: 79 }))).toBe(false);
});

it('judges no declaration for settings, routes or faults that it does not cover, nor without responses', () => {
  expect(isAsDeclared(slice({}))).toBeNull();
  expect(isAsDeclared(slice({ declared_survives: 0 }, { route: 'public' }))).toBeNull();
  expect(isAsDeclared(slice({ declared_survives: 0 }, { fault: 'replica-killed' }))).toBeNull();
  expect(isAsDeclared(slice({ declared_survives: 0, settled_all: 0, settled_accepted: 0 }))).toBeNull();
});

it('flags a broken declaration on the figure that shows it', () => {
  const figure = find([slice({ declared_survives: 0 })], 'outage_accepted_pct', { route: 'me' });
  expect(figure?.flags).toEqual(['declaration-broken', 'one-fork']);
});

it('gives shares with their binomial interval', () => {
  const slices = [slice({ during_accepted: 50 }), slice({ during_all: 40, during_accepted: 40 }, { route: 'public' })];
  const me = find(slices, 'outage_accepted_pct', { route: 'me' });
  expect(me?.value).toBe(25);
  expect(me?.low).toBeGreaterThan(19);
  expect(me?.high).toBeLessThan(32);
  expect(find(slices, 'outage_accepted_pct', { route: 'public' })).toMatchObject({ value: 100, high: 100 });
});

it('widens the interval of a share to the variation between starts, however many requests each had', () => {
  const starts = (...accepted: number[]) =>
    accepted.map((during_accepted, fork) => slice({ during_accepted }, { fork }));
  const apart = find(starts(10, 20, 30), 'outage_accepted_pct', { route: 'me' });
  // 5, 10 and 15 %: Student's t of two degrees is 4.3, and the standard error 2.9. 60 of 600 trials would be 7.8 to 12.7 %.
  expect(apart?.value).toBe(10);
  expect(apart?.low).toBeLessThan(5);
  expect(apart?.high).toBeGreaterThan(16);
  const alike = find(starts(20, 20, 20), 'outage_accepted_pct', { route: 'me' });
  expect([alike?.low, alike?.high].map((end) => Math.round(10 * (end ?? 0)))).toEqual([78, 127]);
  expect(find(starts(200, 200, 200), 'outage_accepted_pct', { route: 'me' })).toMatchObject({ value: 100, high: 100 });
  expect(find(starts(0, 0, 0), 'outage_accepted_pct', { route: 'me' })).toMatchObject({ value: 0, low: 0 });
});

it('reports by phase how a revoked credential was answered', () => {
  const revoked = slice({ before_accepted: 0, during_accepted: 200, after_accepted: 0 }, { route: 'revoked' });
  const of = (phase: string) => find([slice({}), revoked], 'fail_open_pct', { phase })?.value;
  expect([of('before'), of('during'), of('after')]).toEqual([0, 100, 0]);
});

it('includes the gap between two requests in the interval of a moment, and omits a failure that did not occur', () => {
  const failing = [0, 1].map((fork) => slice({ fail_low_ms: 190, fail_ms: 200, lost: 30 }, { fork }));
  expect(find(failing, 'time_to_fail_ms')).toMatchObject({ value: 190, low: 190, high: 200, flags: [] });
  expect(find([slice({})], 'time_to_fail_ms')).toBeUndefined();
});

it('gives the end of observation, flagged, if nothing had recovered by then', () => {
  const figure = find([without(slice({ recovery_low_ms: 1_900 }), 'recovery_ms')], 'recovery_ms');
  expect(figure).toMatchObject({ value: 1_900, high: 2_000, flags: ['one-fork', 'still-broken'] });
});

it('reports neither recovery nor loss of credentials if nothing returned', () => {
  const gone = without(slice({ lost: 200 }), 'fault_to_ms', 'recovery_low_ms', 'recovery_ms');
  expect(find([gone], 'recovery_ms')).toBeUndefined();
  expect(find([gone], 'credentials_lost_pct')).toBeUndefined();
  expect(find([gone], 'requests_lost')?.value).toBe(200);
});

it('counts hung and timed-out requests over all routes', () => {
  const slices = [slice({ timed_out: 3 }), slice({ timed_out: 2, hung: 1 }, { route: 'public' })];
  expect(find(slices, 'requests_timed_out')?.value).toBe(5);
  expect(find(slices, 'requests_hung')?.value).toBe(1);
});

it('takes no recovery by due time from an older journal if requests had to wait', () => {
  const none = Array.from({ length: 40 }, () => 0);
  const timeline = (waitMs: number) => ({
    ...{ binMs: 100, faultFromMs: 1_000, faultToMs: 3_000, accepted: none, refused: none, forbidden: none },
    ...{ unavailable: none, other: none, error: none, timedOut: none, p50Ms: none },
    maxMs: none.map((_, bin) => (bin === 30 ? waitMs : 2)),
  });
  const older = (waitMs: number): Slice => ({ ...slice({}), timeline: timeline(waitMs) });
  expect(find([older(1_450)], 'recovery_ms')).toBeUndefined();
  expect(find([older(40)], 'recovery_ms')?.value).toBe(0);
});

it('reports how long it was away, how many waited for its return, and for how long', () => {
  const held = slice({ recovery_low_ms: 1_450, recovery_ms: 1_450, held: 200, held_lost: 0, held_until_ms: 1_450 });
  expect(find([held], 'recovery_ms')).toMatchObject({ value: 1_450, low: 1_450, high: 1_450 });
  expect(find([held], 'outage_away_ms')?.value).toBe(2_000);
  expect(find([held], 'requests_held')?.value).toBe(200);
  expect(find([held], 'held_settled_ms')?.value).toBe(1_450);
});
