import { expect, it } from 'vitest';
import type { Measures } from '../../../core/results/measures.ts';
import type { Factors, Slice } from '../../../core/results/schema.ts';
import { testContext } from '../../testing/slices.ts';
import { analyseRevocation, isWithinBound, lagOf, scaledLag } from './analyse.ts';

/** Per replica: last accepted, first refused; null for never. */
type Seen = readonly (readonly [accepted: number | null, refused: number | null])[];

interface Options {
  readonly boundMs?: number;
  readonly deployedMs?: number;
  readonly settings?: string;
  readonly revokedAfterMs?: number;
  readonly block?: number;
  readonly measures?: Measures;
}

function slice(seen: Seen, options: Options = {}): Slice {
  const { boundMs = 0, deployedMs = boundMs, settings = 'deployed', revokedAfterMs = 100, block = 0 } = options;
  const measures = {
    bound_ms: boundMs,
    deployed_bound_ms: deployedMs,
    watched_at_most_ms: boundMs + 2_000,
    revoked_after_ms: revokedAfterMs,
    last_accepted_ms: seen.map(([accepted]) => accepted),
    first_refused_ms: seen.map(([, refused]) => refused),
    ...options.measures,
  };
  return {
    kind: 'slice',
    experiment: 'revocation',
    fork: 0,
    block,
    order: 0,
    arm: 'a',
    factors: { kind: 'logout', operation: 'read', settings },
    mode: 'watch',
    durationMs: 1,
    requests: 10,
    unexpected: 0,
    failed: 0,
    statuses: {},
    measures,
    flags: [],
  };
}

const find = (slices: readonly Slice[], metric: string, factors: Factors) =>
  analyseRevocation(slices, testContext).find(
    (figure) =>
      figure.metric === metric && Object.entries(factors).every(([name, level]) => figure.factors[name] === level),
  );

it('takes the slowest replica, between the last acceptance and the first refusal', () => {
  expect(
    lagOf(
      slice([
        [null, 3],
        [40, 44],
        [12, 50],
      ]),
    ),
  ).toEqual({ low: 40, high: 50, open: false, lived: true });
  expect(
    lagOf(
      slice([
        [null, 3],
        [null, 5],
      ]),
    ),
  ).toEqual({ low: 0, high: 5, open: false, lived: false });
  expect(lagOf(slice([]))).toBeNull();
});

it('says nothing of a credential that may have expired before it was first refused', () => {
  const late = slice([[null, 268]], { measures: { life_left_ms: 243 } });
  expect(lagOf(late)).toBeNull();
  expect(isWithinBound(late)).toBe(true);
  expect(find([late], 'revocation_lag_ms', { quantile: 'max' })).toBeUndefined();
  expect(lagOf(slice([[null, 242]], { measures: { life_left_ms: 243 } }))?.high).toBe(242);
  expect(lagOf(slice([[240, 268]], { measures: { life_left_ms: 243 } }))?.low).toBe(240);
});

it('gives a lower bound for a credential that was never refused while it was watched', () => {
  expect(lagOf(slice([[1_500, null]], { boundMs: 1_000 }))).toEqual({
    low: 1_500,
    high: 3_000,
    open: true,
    lived: true,
  });
  // Neither accepted nor refused, such as by a store that is down: nothing is known but the length of the watch.
  expect(lagOf(slice([[null, null]], { boundMs: 1_000 }))).toEqual({ low: 0, high: 3_000, open: true, lived: false });
});

it('compares each revocation with the arm’s declaration', () => {
  expect(isWithinBound(slice([[null, 3]]))).toBe(true);
  expect(isWithinBound(slice([[0, 3]]))).toBe(false);
  expect(isWithinBound(slice([[999, 1_010]], { boundMs: 1_000 }))).toBe(true);
  expect(isWithinBound(slice([[1_001, 1_010]], { boundMs: 1_000 }))).toBe(false);
  expect(isWithinBound(slice([[null, null]], { boundMs: 1_000 }))).toBe(false);
  expect(isWithinBound(slice([[null, null]]))).toBe(false);
});

it('scales the remaining lifetime, but nothing that was refused at once', () => {
  const lag = { low: 1_000, high: 1_100, open: false, lived: true };
  expect(scaledLag(lag, 1_000, 900_000).low).toBe(450_000);
  expect(scaledLag(lag, 3_000, 900_000).low).toBe(225_000);
  const none = { low: 0, high: 5, open: false, lived: false };
  expect(scaledLag(none, 1_000, 900_000)).toEqual(none);
});

it('gives a lag as measured if settings were as deployed, and also a model if they were shortened', () => {
  const options = { boundMs: 3_000, deployedMs: 900_000, settings: 'shortened', revokedAfterMs: 1_500 };
  const slices = [0, 1, 2].map((block) => slice([[1_500, 1_560]], { ...options, block }));
  const measured = find(slices, 'revocation_lag_ms', { settings: 'shortened', quantile: 'p50' });
  expect(measured).toMatchObject({ value: 1_500, high: 1_560, source: 'measured' });
  const scaled = find(slices, 'revocation_lag_ms', { settings: 'deployed', quantile: 'p50' });
  expect(scaled).toMatchObject({ value: 450_000, source: 'model', flags: ['one-fork'] });
  expect(scaled?.high).toBeGreaterThan(450_000);
  expect(find(slices, 'revocation_bound_ms', { settings: 'deployed' })?.value).toBe(900_000);
  expect(find(slices, 'revocation_within_bound_pct', { settings: 'shortened' })?.value).toBe(100);
});

it('flags a broken declaration, and credentials that were never refused', () => {
  const slices = [slice([[null, 3]]), slice([[700, null]], { block: 1 })];
  expect(find(slices, 'revocation_lag_ms', { quantile: 'max' })).toMatchObject({
    value: 700,
    high: 2_000,
    flags: ['declaration-broken', 'one-fork', 'still-broken'],
  });
  expect(find(slices, 'revocation_within_bound_pct', {})).toMatchObject({
    value: 50,
    flags: expect.arrayContaining(['declaration-broken']),
  });
});

it('gives p99 only with enough revocations to bound it', () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, block) => slice([[block, block + 1]], { boundMs: 1_000, block }));
  // 0.99³⁶⁷ is above 2.5 %: of so few, the largest may well lie below p99, and nothing bounds it.
  expect(find(many(367), 'revocation_lag_ms', { quantile: 'p99' })).toBeUndefined();
  const figure = find(many(401), 'revocation_lag_ms', { quantile: 'p99' });
  expect(figure).toMatchObject({ value: 396, high: 401, blocks: 401, forks: 1 });
  expect(find(many(101), 'revocation_lag_ms', { quantile: 'p50' })).toMatchObject({ value: 50, low: 40, high: 61 });
});

it('is no violation if a credential outlives the watch, but not its declared bound', () => {
  const lives: Seen = [[9_000, null]];
  const measures = { watched_at_most_ms: 9_500 };
  expect(isWithinBound(slice(lives, { boundMs: 900_000, measures }))).toBe(true);
  expect(isWithinBound(slice(lives, { boundMs: 1_000, measures }))).toBe(false);
});

it('separates the replica that was asked to revoke from the others, if that was recorded', () => {
  const seen: Seen = [
    [null, 3],
    [5_000, 5_100],
  ];
  const slices = [slice(seen, { measures: { revoked_at_replica: 0 } })];
  expect(find(slices, 'replica_revocation_lag_ms', { replica: 'asked' })).toMatchObject({ value: 0, high: 3 });
  expect(find(slices, 'replica_revocation_lag_ms', { replica: 'other' })).toMatchObject({ value: 5_000, high: 5_100 });
  expect(find([slice(seen)], 'replica_revocation_lag_ms', {})).toBeUndefined();
});
