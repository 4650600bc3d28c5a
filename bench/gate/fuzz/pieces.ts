/** Small random pieces. Pure. */
import type { Random } from '../../stats/random.ts';

export function one<T>(random: Random, items: readonly [T, ...T[]] | readonly T[]): T {
  const item = items[random.integer(items.length)];
  if (item === undefined) throw new RangeError('nothing to choose from');
  return item;
}

export const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

const RUNS = [
  '\x00',
  '\t',
  ' ',
  '"',
  '%',
  ';',
  '=',
  ',',
  '\\',
  '\x7f',
  '\x80',
  '\xff',
  '\xc3\x28',
  '{',
  '}',
  '..',
  '/',
] as const;

/** Bytes that break parsers, among letters; never a line break, which would be another header. */
export function garbage(random: Random, length: number): string {
  let text = '';
  while (text.length < length) {
    text += random.integer(3) === 0 ? one(random, RUNS) : String.fromCharCode(33 + random.integer(94));
  }
  return text;
}
