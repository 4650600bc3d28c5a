/** Small random pieces. Pure. */
import type { Random } from '../../../core/stats/random.ts';

export function one<T>(random: Random, items: readonly [T, ...T[]] | readonly T[]): T {
  const item = items[random.integer(items.length)];
  if (item === undefined) throw new RangeError('nothing to choose from');
  return item;
}

export const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

/** Characters that are legal in a header, but hard to parse. */
const HARD = ['\t', ' ', '"', '%', ';', '=', ',', '\\', '\x80', '\xff', '\xc3\x28', '{', '}', '..', '/'] as const;
/** Characters that are always illegal: the HTTP parser refuses them, so the application is not reached. */
const ILLEGAL = ['\x00', '\x7f', '\x01'] as const;
const ILLEGAL_ONE_IN = 6;

/** Letters mixed with bytes that break parsers, but no line break, which would start another header. */
export function garbage(random: Random, length: number): string {
  const pieces = random.integer(ILLEGAL_ONE_IN) === 0 ? [...HARD, ...ILLEGAL] : HARD;
  let text = '';
  while (text.length < length) {
    text += random.integer(3) === 0 ? one(random, pieces) : String.fromCharCode(33 + random.integer(94));
  }
  return text;
}
