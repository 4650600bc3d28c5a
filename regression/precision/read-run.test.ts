import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { measuringOf, ratiosOf } from './read-run.ts';

const SAMPLE = new URL('../../reports/sample/run.json', import.meta.url);

const ratio = (arm: string, value: number, low: number, high: number, inFlight = 10) => ({
  experiment: 'toll',
  arm,
  factors: { in_flight: inFlight },
  metric: 'cpu_ratio_to_baseline',
  value,
  low,
  high,
});
const arms = [{ name: 'none', baseline: true }];

it('takes the median of the relative half-widths of all arms but the control', () => {
  const figures = [
    ratio('a', 2, 1.9, 2.1), // 5 %
    ratio('b', 4, 3.6, 4.4), // 10 %
    ratio('c', 1, 0.7, 1.3), // 30 %
    ratio('none-aa', 1, 0.5, 1.5),
    ratio('a', 2, 1, 3, 50),
    { ...ratio('a', 2, 1, 3), metric: 'cpu_us_per_request' },
    { ...ratio('a', 2, 1, 3), experiment: 'scale' },
  ];
  const found = ratiosOf({ arms, figures });
  expect(found).toMatchObject({ controlHoldsOne: true });
  expect(typeof found === 'string' ? Number.NaN : found.halfWidthPct).toBeCloseTo(10, 9);
});

it.each([
  [1.02, 0.99, true],
  [1.02, 1, true],
  [1.02, 1.01, false],
])('says whether the control’s interval holds 1: ratio %d from %d: %s', (value, low, holds) => {
  expect(ratiosOf({ arms, figures: [ratio('none-aa', value, low, 1.05)] })).toMatchObject({
    controlHoldsOne: holds,
    control: { value, low, high: 1.05 },
  });
});

it('finds the baseline by its role, as in current runs', () => {
  const control = { figures: [ratio('none-aa', 1.02, 0.99, 1.05)] };
  expect(ratiosOf({ arms: [{ name: 'none', role: 'baseline' }], ...control })).toMatchObject({ controlHoldsOne: true });
  expect(ratiosOf({ arms: [{ name: 'none', role: 'guarded' }], ...control })).toMatchObject({ controlHoldsOne: null });
});

it('gives a reason if there is nothing to read', () => {
  expect(ratiosOf({ arms, figures: [] })).toBe('there is no ratio to the baseline');
  expect(ratiosOf(undefined)).toEqual(expect.any(String));
});

it('reads the committed sample', () => {
  const found = ratiosOf(JSON.parse(readFileSync(SAMPLE, 'utf8')));
  expect(typeof found === 'string' ? Number.NaN : found.halfWidthPct).toBeGreaterThan(0);
});

it('divides the time in paired slices by the time of the toll, and counts its fresh starts', () => {
  const slice = (fork: number, durationMs: number, mode = 'paired', experiment = 'toll') =>
    JSON.stringify({ kind: 'slice', experiment, fork, mode, durationMs });
  const journal = [
    slice(0, 1_000),
    slice(0, 500, 'warm-up'),
    slice(1, 1_500),
    slice(7, 9_000, 'paired', 'scale'),
    '{"kind":"slice","experi',
    JSON.stringify({ kind: 'experiment-ended', experiment: 'toll', seconds: 10 }),
    '',
  ].join('\n');
  expect(measuringOf(journal)).toEqual({ measuringPct: 25, forks: 2 });
  expect(measuringOf(slice(0, 1_000))).toBeNull();
});
