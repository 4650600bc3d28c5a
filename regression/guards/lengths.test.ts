import { describe, expect, it } from 'vitest';
import { createRandom } from '../../core/stats/random.ts';
import { errorOf, lengthChange, lengthsOf, meanLength } from './lengths.ts';

/** Each as it is escaped within a cookie: so are all of them together, as no one depends on the next. */
const ESCAPED = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].map(encodeURIComponent);
const LOGINS = 100;
/** As long as a sealed session's cipher and nonce. */
const SEALED = 340;

/** Requests with this many random characters in a cookie, escaped as cookies are. */
function requests(random: ReturnType<typeof createRandom>, characters: number, before = 'cookie: sid='): string[] {
  return Array.from({ length: LOGINS }, () => {
    let request = before;
    for (let i = 0; i < characters; i++) request += ESCAPED[random.integer(ESCAPED.length)];
    return request;
  });
}

it('separates the fixed length of a request from the bytes that escaping adds', () => {
  expect(lengthsOf(['a=xx', 'a=x%2F', 'a=%2B%2f'])).toEqual({ fixed: 4, chance: [0, 2, 4] });
  expect(meanLength({ fixed: 4, chance: [0, 2, 4] })).toBe(6);
  expect(errorOf({ fixed: 4, chance: [0, 2, 4] })).toBeCloseTo(2 / Math.sqrt(3), 9);
});

describe.each([
  ['signed', 43],
  ['sealed', SEALED],
])('a %s cookie', (_, characters) => {
  const random = createRandom(characters);
  const draw = (more = 0, before?: string) => lengthsOf(requests(random, characters + more, before));

  it('is equal for two equal builds, whatever the random credentials', () => {
    const changes = Array.from({ length: 150 }, () => lengthChange(draw(), draw()));
    expect(changes.filter((change) => change !== 0)).toEqual([]);
  });

  it('shows a difference of one byte in every comparison', () => {
    const changes = Array.from({ length: 50 }, () => [
      lengthChange(draw(), draw(1)),
      lengthChange(draw(), draw(0, 'cookie: si=')),
    ]);
    expect([...new Set(changes.flat())].toSorted((a, b) => a - b)).toEqual([-1, 1]);
  });
});

it('shows a build that escapes more than chance does', () => {
  const random = createRandom(3);
  const plain = requests(random, SEALED);
  const everything = plain.map((request) => request.replaceAll('A', '%41'));
  // 340 characters, one of 64 of them an A: 5.3 of them, two bytes each.
  const change = lengthChange(lengthsOf(plain), lengthsOf(everything));
  expect(change).toBeGreaterThan(8);
  expect(change).toBeLessThan(13);
});

it('reports a constant difference exactly', () => {
  const jwt = { fixed: 439, chance: Array.from({ length: LOGINS }, () => 0) };
  expect(lengthChange(jwt, { ...jwt, fixed: 440 })).toBe(1);
  expect(lengthChange(jwt, jwt)).toBe(0);
});
