import { constants, deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { packedText } from '../packed.ts';
import { inflated, unpacked } from './unpack.ts';

/** Bytes that look random, and are the same each time. */
function noise(length: number): Buffer {
  let seed = 1;
  return Buffer.from(
    Array.from({ length }, () => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return seed >>> 24;
    }),
  );
}

const prose = Buffer.from('One arm, two arms, three arms: a row for each arm. '.repeat(3_000));
/** Copies of every length, from near and from as far as the format allows. */
const copies = Buffer.concat([
  noise(32_768),
  ...Array.from({ length: 258 }, (_, i) => noise(32_768).subarray(0, i + 1)),
]);

describe.each([
  ['nothing', Buffer.alloc(0)],
  ['one byte', Buffer.from('a')],
  ['one byte, many times', Buffer.alloc(100_000, 7)],
  ['noise', noise(70_000)],
  ['prose', prose],
  ['prose and noise in turns', Buffer.concat([prose, noise(9_000), prose, noise(70_000), prose])],
  ['copies of every length', copies],
])('%s', (_what, bytes) => {
  test.each([
    ['at its best', { level: constants.Z_BEST_COMPRESSION }],
    ['with fixed codes', { strategy: constants.Z_FIXED }],
    ['without copies', { strategy: constants.Z_HUFFMAN_ONLY }],
    ['stored', { level: constants.Z_NO_COMPRESSION }],
  ])('comes back as zlib packed it %s', (_how, options) => {
    expect(Buffer.compare(inflated(deflateRawSync(bytes, options)), bytes)).toBe(0);
  });
});

test('damaged bytes are refused, and end nowhere else', () => {
  const packed = deflateRawSync(prose);
  expect(() => inflated(packed.subarray(0, packed.length / 2))).toThrow(RangeError);
  expect(() => inflated(new Uint8Array())).toThrow(RangeError);
  // The kind of block that there is not, and a copy from before the beginning.
  expect(() => inflated(Uint8Array.of(0b111))).toThrow(RangeError);
  expect(() => inflated(Uint8Array.of(0b011, 0b10, 0))).toThrow(RangeError);
});

test('JSON comes back whole, whatever its characters', () => {
  const value = { text: '</template> <b> & “quoted” µs 🎯', list: [1.25, null, true], nested: { a: [] } };
  expect(unpacked(packedText(value))).toEqual(value);
  expect(packedText(value)).toMatch(/^[A-Za-z0-9+/=]+$/);
});
