import { scale } from 'vega';
import { describe, expect, it } from 'vitest';
import { sixDigits } from './labels.ts';
import { roundTicks, scaleOf, ticksWithin } from './scale.ts';

const LINEAR = { type: 'linear', nice: false, zero: false, padding: 0 };
const LOG = { type: 'log', nice: false, padding: 0 };

interface D3Scale {
  (value: number): number;
  domain(ends: readonly number[]): D3Scale;
  range(ends: readonly number[]): D3Scale;
  ticks(count: number): number[];
}
const d3 = (type: string): D3Scale => (scale(type) as unknown as () => D3Scale)();

const DOMAINS = [
  [0, 1],
  [0, 7.3],
  [-0.4, 12],
  [0.000_2, 0.001_3],
  [3, 104],
  [0, 1_234_567],
  [79.15, 616.2],
] as const;

it.each(DOMAINS)('has the places and the ticks of d3 from %d to %d', (low, high) => {
  const made = scaleOf({ ...LINEAR, domain: [low, high] }, [0, 589]);
  const model = d3('linear').domain([low, high]).range([0, 589]);
  for (const share of [0, 0.1, 0.37, 1]) {
    const value = low + share * (high - low);
    expect(made.at(value)).toBe(model(value));
  }
  for (let count = 1; count <= 12; count++) expect(roundTicks([low, high], count)).toEqual(model.ticks(count));
});

it('has the places of d3 on a logarithmic scale', () => {
  const made = scaleOf({ ...LOG, domain: [0.05, 4000] }, [165, 0]);
  const model = d3('log').domain([0.05, 4000]).range([165, 0]);
  for (const value of [0.05, 0.1, 3, 4000]) expect(made.at(value)).toBe(model(value));
  expect(Number.isFinite(made.at(0))).toBe(false);
});

it('keeps the ends of a padded domain from those of the range', () => {
  const made = scaleOf({ ...LINEAR, domain: [1, 4], padding: 8 }, [0, 645]);
  expect(made.at(1)).toBeCloseTo(8);
  expect(made.at(4)).toBeCloseTo(637);
});

it('takes no step below the least', () => {
  expect(roundTicks([0, 3], 8)).toContain(0.5);
  expect(roundTicks([0, 3], 8, 1)).toEqual([0, 1, 2, 3]);
});

it('shows the ticks within the range in its order', () => {
  const made = scaleOf({ ...LINEAR, domain: [0, 10] }, [100, 0]);
  expect(ticksWithin([-5, 10, 0, 20], made)).toEqual([0, 10]);
});

describe('a scale of another kind is left to vega', () => {
  it.each([
    ['nice', { ...LINEAR, domain: [0, 1], nice: true }],
    ['of another type', { ...LINEAR, type: 'sqrt', domain: [0, 1] }],
    ['without a domain', LINEAR],
    ['of one place', { ...LINEAR, domain: [1, 1] }],
  ])('%s', (_what, spec) => {
    expect(() => scaleOf(spec, [0, 100])).toThrow();
  });
});

it.each([
  [0, '0'],
  [1500, '1,500'],
  [0.05, '0.05'],
  [0.000_000_12, '0.00000012'],
  [2.000_000_4, '2'],
  [1_234_567.8, '1,234,570'],
  [-5, '−5'],
  [999_999.7, '1,000,000'],
])('writes %d in six digits as %s', (value, text) => {
  expect(sixDigits(value)).toBe(text);
});
