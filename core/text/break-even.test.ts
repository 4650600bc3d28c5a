import { expect, it } from 'vitest';
import { breakEvenSentence, isExtrapolated, paysFrom } from './break-even.ts';
import { THIN } from './format.ts';

const found = (low: number, value: number, high: number) => ({ low, value, high, unit: 'services' });
const between = { edge: 'a', against: 'b', measured: 3 };

it('names the first whole number of services for which the interval is conclusive', () => {
  expect([1, 1.2, 2, 2.7, 9.4, 10].map((high) => paysFrom({ high }))).toEqual([1, 2, 3, 3, 10, 10]);
});

it('says from how many services on the edge costs less, and which part is extrapolated', () => {
  expect(breakEvenSentence({ ...between, found: found(1.8, 2.1, 2.4) })).toBe(
    `a costs less than b at every hop from 3 services on; they break even at 2.1${THIN}services [1.8–2.4].`,
  );
  const far = { ...between, found: found(3.9, 4.4, 5.1) };
  expect(isExtrapolated(far)).toBe(true);
  expect(breakEvenSentence(far)).toContain('from 6 services on, by the line beyond the 3 that were measured;');
  expect(breakEvenSentence({ ...between, found: found(1, 1, 1) })).toBe(
    'a costs less than b at every hop from the first service on.',
  );
});

it('says so if there is none', () => {
  expect(isExtrapolated({ ...between, found: null })).toBe(false);
  expect(breakEvenSentence({ ...between, found: null })).toBe(
    'No number of services up to 10 was found from which a costs less than b at every hop.',
  );
});
