import { expect, it } from 'vitest';
import { orders, outcomeOf, ratioOf, SIDES, textOf } from './turns.ts';

const turns = [
  { head: 0.5, base: 1 },
  { head: 1.1, base: 2 },
  { head: 0.45, base: 1 },
];

it('takes the geometric mean of the ratios, and an interval that holds them if the turns differ', () => {
  const { value, low, high, forks } = ratioOf(turns);
  expect(value).toBeCloseTo(Math.cbrt(0.5 * 0.55 * 0.45));
  expect(low).toBeLessThan(0.45);
  expect(high).toBeGreaterThan(0.55);
  expect(forks).toBe(3);
});

it('gives each build the first place in some of the turns, the same at each seed', () => {
  const made = orders(40, 7);
  const first = made.filter(([side]) => side === 'head').length;
  expect(first).toBeGreaterThan(8);
  expect(first).toBeLessThan(32);
  for (const order of made) expect(order.toSorted()).toEqual([...SIDES].sort());
  expect(orders(40, 7)).toEqual(made);
});

it('says that a limit is met or missed only by the whole interval', () => {
  const ratio = ratioOf(turns);
  expect(outcomeOf(ratio, ratio.high)).toBe('met');
  expect(outcomeOf(ratio, ratio.value)).toBe('undecided');
  expect(outcomeOf(ratio, ratio.low * 0.99)).toBe('missed');
});

it('shows both means and the ratio', () => {
  const text = textOf(turns, { head: 'head (today)', base: 'base (old)' });
  expect(text).toContain('0.68 s  head (today)');
  expect(text).toContain('1.33 s  base (old)');
  expect(text).toMatch(/ratio 0\.50× \[0\.\d\d–0\.\d\d\], 95 % interval, 3 turns/);
});
