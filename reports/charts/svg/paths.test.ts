import { expect, test } from 'vitest';
import { shortPath } from './paths.ts';

test.each([
  ['a line from place to place', 'M8,137.1L16.2,140L49,140', 'M8,137.1l8.2,2.9h32.8'],
  ['lines of one kind, whose letter is written once', 'M0,0L1,2L3,5L2,4', 'M0,0l1,2 2,3-1-1'],
  ['a straight line in three parts', 'M0,5L3,5L9,5L20,5', 'M0,5h20'],
  ['a line that comes back', 'M0,5L9,5L3,5', 'M0,5h9-6'],
  ['several lines', 'M0,9h18M0,0v-4', 'M0,9h18m-18-9v-4'],
  ['a closed shape, and what begins after it', 'M1,1h4v4h-4ZM9,9h1', 'M1,1h4v4h-4zm8,8h1'],
  ['numbers below one', 'M0.5,-0.25L0.25,0.5', 'M.5-.2l-.2,.7'],
  ['a dot, which has no length', 'M4,4L4,4', 'M4,4h0'],
])('%s', (_what, given, short) => {
  expect(shortPath(given)).toBe(short);
});

test('rounding errors do not accumulate, over however many lines', () => {
  const places = Array.from({ length: 200 }, (_, i) => ({ x: i * 1.04, y: (i % 2) * 20 + i * 0.137 }));
  const short = shortPath(`M${places.map(({ x, y }) => `${x},${y}`).join('L')}`);
  let [x, y, at] = [0, 0, 0];
  const numbers = [...short.matchAll(/-?(?:\d+\.?\d*|\.\d+)/g)].map(Number);
  for (const place of places) {
    x += numbers[at++] ?? 0;
    y += numbers[at++] ?? 0;
    expect(Math.abs(x - place.x)).toBeLessThan(0.0501);
    expect(Math.abs(y - place.y)).toBeLessThan(0.0501);
  }
});

test.each(['M0,0C1,1,2,2,3,3', 'M5,0A5,5,0,1,1,-5,0', 'L3,3', 'M1', ''])('%j is unchanged', (given) => {
  expect(shortPath(given)).toBe(given);
});
