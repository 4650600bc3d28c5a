import { expect, test } from 'vitest';
import { pairedRatios } from '../results/paired-ratios.ts';
import type { Figure } from '../results/schema.ts';
import { formatEstimate, THIN } from './format.ts';
import { costSentence } from './pairs.ts';
import { compareSentence, type Named } from './sentences.ts';

const words = { least: 'costs least', leastPlural: 'cost least', most: 'costs most', mostPlural: 'cost most' };
const item = (name: string, value: number, low: number, high: number, unit = 'µs'): Named => ({
  name,
  value,
  low,
  high,
  unit,
});
/** Their own intervals overlap; only the paired comparison separates them. */
const a = item('a', 10, 7, 13);
const b = item('b', 10.2, 7, 13);
const c = item('c', 15, 11, 19);

function ratio(one: string, other: string, value: number, half = 0.02): Figure {
  return {
    experiment: 'toll',
    arm: one,
    factors: { against: other },
    metric: 'total_cpu_ratio_to_arm',
    unit: '×',
    value,
    low: value * (1 - half),
    high: value * (1 + half),
    confidence: 0.95,
    blocks: 40,
    forks: 8,
    source: 'measured',
    flags: [],
  };
}
const pairs = pairedRatios([ratio('a', 'b', 0.98, 0.05), ratio('a', 'c', 0.67), ratio('c', 'b', 1.5)]);

test('items with a paired difference are ordered, although their intervals overlap', () => {
  expect(compareSentence([c, a], words, { pairs })).toBe(
    `a (${formatEstimate(a)}) costs least; c (${formatEstimate(c)}) costs most`,
  );
});

test('items without a paired comparison are not ordered, however far apart their intervals are', () => {
  const far = item('far', 900, 890, 910);
  for (const items of [
    [a, far],
    [a, c, far],
  ]) {
    const sentence = compareSentence(items, words, { pairs }) ?? '';
    expect(sentence).toContain('not compared in pairs, so no order is given');
    expect(sentence).toContain('from a');
    expect(sentence).not.toContain('least');
  }
});

test('a tie for first place is stated', () => {
  expect(compareSentence([a, b, c], words, { pairs })).toBe(
    `a (${formatEstimate(a)}) and b (${formatEstimate(b)}) cost least (no difference found between them); c (${formatEstimate(c)}) costs most`,
  );
});

test('nothing is ordered if the extremes do not differ', () => {
  const sentence = compareSentence([a, b], words, { pairs });
  expect(sentence).toContain('no difference found between a');
  expect(sentence).not.toContain('least');
});

test('one sample is labelled as such, and never ordered', () => {
  const lone = (name: string, value: number) => ({ ...item(name, value, value, value), blocks: 1 });
  const counted = pairedRatios([{ ...ratio('a', 'c', 0.5, 0), blocks: 1, forks: 1 }]);
  for (const known of [null, counted]) {
    const sentence = compareSentence([lone('a', 10), lone('c', 20)], words, { pairs: known });
    expect(sentence).toContain('one sample each, which shows no order');
    expect(sentence).not.toContain('least');
  }
  if (counted === null) throw new Error('there is a pair');
  const pair = counted.between('c', 'a');
  expect(pair && costSentence(pair, { ...counted, includesRedis: true })).toBe(
    'c takes 2× (one sample) the CPU time of a per request, Redis included, which shows no order',
  );
});

test('counts need no pairs: equal counts are the same, and others are ordered', () => {
  const one = item('one', 2, 2, 2, 'B');
  const two = item('two', 2, 2, 2, 'B');
  const more = item('more', 30, 29.5, 30.5, 'B');
  expect(compareSentence([one, two, more], words)).toContain(`one and two (2${THIN}B each) cost least;`);
  expect(compareSentence([one, two], words)).toBe(`all are equal at 2${THIN}B`);
});

test('a single item is not compared, and none gives no sentence', () => {
  expect(compareSentence([a], words)).toMatch(/^only a .* was measured$/);
  const lone = { ...a, low: a.value, high: a.value, blocks: 1 };
  expect(compareSentence([lone], words)).toMatch(/ was measured, by one sample$/);
  expect(compareSentence([], words)).toBeNull();
});

test('an item that ties with both ends is named once', () => {
  const wide = item('wide', 20, 10.1, 29.8, 'B');
  const ends = [item('least', 10, 9.6, 10.4, 'B'), item('most', 30, 29.5, 30.5, 'B')];
  const sentence = compareSentence([...ends, wide], words) ?? '';
  expect(sentence.split('wide')).toHaveLength(2);
});

test('a pair is stated with its ratio, and so is the absence of a difference', () => {
  const say = (one: string, other: string) => {
    const pair = pairs?.between(one, other);
    return pair && pairs ? costSentence(pair, { ...pairs, includesRedis: false }) : null;
  };
  expect(say('c', 'b')).toBe(
    'c takes 1.50× [1.47–1.53] the CPU time of b per request in the server process, without Redis',
  );
  // Inverted: the reciprocals, with the ends swapped.
  expect(say('b', 'c')).toBe(
    'b takes 0.67× [0.65–0.68] the CPU time of c per request in the server process, without Redis',
  );
  expect(say('a', 'b')).toBe(
    'no difference found between a and b in CPU time per request in the server process, without Redis: 0.98× [0.93–1.03]',
  );
  expect(say('a', 'x')).toBeNull();
});

test('an interval that excludes 1 but is not significant after correction says so', () => {
  const many = Array.from({ length: 40 }, (_, i) => ratio(`x${i}`, `y${i}`, 1 + i * 0.0001));
  const crowd = pairedRatios([ratio('a', 'b', 1.026, 0.024), ...many]);
  if (crowd === null) throw new Error('there are pairs');
  const pair = crowd.between('a', 'b');
  expect(pair?.outcome).toBe('no difference');
  expect(pair && costSentence(pair, { ...crowd, includesRedis: true })).toContain(
    '(after correction for 41 comparisons)',
  );
});
