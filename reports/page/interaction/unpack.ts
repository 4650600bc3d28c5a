/**
 * Runs in the browser: what the page holds compressed (RFC 1951, as zlib writes it). The browser's own decompression answers
 * later, and a page that is to be printed, or a panel that is to be used, waits for nothing.
 */
declare function atob(text: string): string;

/** How many codes there are of each length, and their symbols in order: enough to read a canonical code bit by bit. */
interface Codes {
  readonly counts: readonly number[];
  readonly symbols: readonly number[];
}

const LONGEST_CODE = 15;

function codesOf(lengths: readonly number[]): Codes {
  const counts = Array.from({ length: LONGEST_CODE + 1 }, () => 0);
  const byLength: number[][] = counts.map(() => []);
  for (const [symbol, length] of lengths.entries()) {
    if (length === 0) continue;
    counts[length] = (counts[length] ?? 0) + 1;
    byLength[length]?.push(symbol);
  }
  return { counts, symbols: byLength.flat() };
}

/** The order in which a block gives the lengths of the codes of its lengths. */
const LENGTHS_FIRST = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const FIXED = codesOf(Array.from({ length: 288 }, (_, at) => (at < 144 ? 8 : at < 256 ? 9 : at < 280 ? 7 : 8)));
const FIXED_DISTANCES = codesOf(Array.from({ length: 30 }, () => 5));
/** The first length of a copy that symbol 257 + i stands for, and how many bits add to it. */
const COPY_BITS = Array.from({ length: 29 }, (_, i) => (i < 8 || i === 28 ? 0 : (i >> 2) - 1));
const COPY_FROM = COPY_BITS.map((_, i) =>
  i === 28 ? 258 : COPY_BITS.slice(0, i).reduce((sum, bits) => sum + 2 ** bits, 3),
);
const BACK_BITS = Array.from({ length: 30 }, (_, i) => (i < 4 ? 0 : (i >> 1) - 1));
const BACK_FROM = BACK_BITS.map((_, i) => BACK_BITS.slice(0, i).reduce((sum, bits) => sum + 2 ** bits, 1));

/** @returns the bytes. @throws RangeError where they are damaged */
export function inflated(packed: Uint8Array): Uint8Array {
  let [at, held, heldBits] = [0, 0, 0];
  let out = new Uint8Array(8 * packed.length + 64);
  let size = 0;
  const damaged = () => new RangeError('what the page holds compressed is damaged');

  const bits = (count: number): number => {
    while (heldBits < count) {
      const byte = packed[at++];
      if (byte === undefined) throw damaged();
      held |= byte << heldBits;
      heldBits += 8;
    }
    const value = held & ((1 << count) - 1);
    held >>>= count;
    heldBits -= count;
    return value;
  };
  const symbol = ({ counts, symbols }: Codes): number => {
    let [code, first, index] = [0, 0, 0];
    for (let length = 1; length <= LONGEST_CODE; length++) {
      code |= bits(1);
      const count = counts[length] ?? 0;
      if (code - count < first) return symbols[index + code - first] ?? 0;
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    throw damaged();
  };
  const room = (more: number) => {
    if (size + more <= out.length) return;
    const larger = new Uint8Array(2 * (size + more));
    larger.set(out);
    out = larger;
  };
  const stored = () => {
    [held, heldBits] = [0, 0];
    const length = (packed[at] ?? 0) | ((packed[at + 1] ?? 0) << 8);
    at += 4;
    if (at + length > packed.length) throw damaged();
    room(length);
    out.set(packed.subarray(at, at + length), size);
    [at, size] = [at + length, size + length];
  };
  const lengthsOf = (count: number, codes: Codes): number[] => {
    const lengths: number[] = [];
    while (lengths.length < count) {
      const one = symbol(codes);
      if (one < 16) lengths.push(one);
      else {
        const again = one === 16 ? (lengths.at(-1) ?? 0) : 0;
        const times = one === 16 ? 3 + bits(2) : one === 17 ? 3 + bits(3) : 11 + bits(7);
        for (let i = 0; i < times; i++) lengths.push(again);
      }
    }
    return lengths;
  };
  const coded = (literals: Codes, distances: Codes) => {
    for (let one = symbol(literals); one !== 256; one = symbol(literals)) {
      room(258);
      if (one < 256) {
        out[size++] = one;
        continue;
      }
      const length = (COPY_FROM[one - 257] ?? 0) + bits(COPY_BITS[one - 257] ?? 0);
      const back = symbol(distances);
      const from = size - (BACK_FROM[back] ?? 0) - bits(BACK_BITS[back] ?? 0);
      if (from < 0) throw damaged();
      for (let i = 0; i < length; i++) out[size++] = out[from + i] ?? 0;
    }
  };

  for (let isLast = false; !isLast; ) {
    isLast = bits(1) === 1;
    const kind = bits(2);
    if (kind === 3) throw damaged();
    if (kind === 0) stored();
    else if (kind === 1) coded(FIXED, FIXED_DISTANCES);
    else {
      const [literals, distances, given] = [257 + bits(5), 1 + bits(5), 4 + bits(4)];
      const ofLengths = LENGTHS_FIRST.map(() => 0);
      for (const which of LENGTHS_FIRST.slice(0, given)) ofLengths[which] = bits(3);
      const lengths = lengthsOf(literals + distances, codesOf(ofLengths));
      coded(codesOf(lengths.slice(0, literals)), codesOf(lengths.slice(literals)));
    }
  }
  return out.subarray(0, size);
}

/** @param text base64 of compressed JSON. */
export function unpacked(text: string): unknown {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(inflated(bytes)));
}
