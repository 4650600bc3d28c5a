/**
 * Seeded random numbers, so that every random order and every interval can be reproduced from the seed in the result.
 * Generator: xoshiro128** 1.1 (Blackman & Vigna, 2018), seeded by SplitMix64 as its authors recommend.
 */

export interface Random {
  /** Uniform in [0, 1), 53 bits. */
  random(): number;
  /** Uniform integer in [0, n), without modulo bias; n from 1 to 2^32. @throws {RangeError} otherwise */
  integer(n: number): number;
  /** A shuffled copy (Fisher–Yates). */
  shuffle<T>(items: readonly T[]): T[];
  /** Standard normal (polar method of Marsaglia & Bray). */
  normal(): number;
  /** Exponential with mean 1. */
  exponential(): number;
  /** Chi-square with `degrees` > 0 degrees of freedom (gamma by Marsaglia & Tsang 2000). */
  chiSquare(degrees: number): number;
  /**
   * An independent stream named by `label`. It depends only on this stream's seed and the label, not on what has been
   * drawn, so adding a draw in one place changes no order elsewhere.
   */
  derive(label: string): Random;
}

/** A stream from a seed: an integer from 0 to 2^53. @throws {RangeError} otherwise */
export function createRandom(seed: number): Random {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`A seed must be a non-negative integer, not ${seed}.`);
  }
  return fromSeed64(BigInt(seed));
}

const MASK_64 = 0xffff_ffff_ffff_ffffn;

/** SplitMix64 (Steele, Lea & Flood, 2014). @returns a function for the next 64-bit output */
export function splitMix64(seed: bigint): () => bigint {
  let state = seed & MASK_64;
  return () => {
    state = (state + 0x9e37_79b9_7f4a_7c15n) & MASK_64;
    let z = state;
    z = ((z ^ (z >> 30n)) * 0xbf58_476d_1ce4_e5b9n) & MASK_64;
    z = ((z ^ (z >> 27n)) * 0x94d0_49bb_1331_11ebn) & MASK_64;
    return z ^ (z >> 31n);
  };
}

/** xoshiro128**. @returns a function for the next unsigned 32-bit output. The state must not be all zero */
export function xoshiro128StarStar(a: number, b: number, c: number, d: number): () => number {
  let s0 = a | 0;
  let s1 = b | 0;
  let s2 = c | 0;
  let s3 = d | 0;
  return () => {
    const scrambled = Math.imul(s1, 5);
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0;
    const t = s1 << 9;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= t;
    s3 = (s3 << 11) | (s3 >>> 21);
    return result;
  };
}

function fromSeed64(seed: bigint): Random {
  const fill = splitMix64(seed);
  const [x, y] = [fill(), fill()];
  const next = xoshiro128StarStar(
    Number(x & 0xffff_ffffn),
    Number(x >> 32n),
    Number(y & 0xffff_ffffn),
    Number(y >> 32n),
  );
  let spareNormal: number | null = null;

  function random(): number {
    return ((next() >>> 5) * 0x400_0000 + (next() >>> 6)) / 0x20_0000_0000_0000;
  }

  function integer(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > 0x1_0000_0000) {
      throw new RangeError(`integer(n) needs n from 1 to 2^32, not ${n}.`);
    }
    // Lemire (2019): the high half of a product, redrawn if its low half shows bias. Exact as long as it fits 53
    // bits.
    if (n <= 0x20_0000) {
      for (;;) {
        const product = next() * n;
        const high = Math.floor(product / 0x1_0000_0000);
        const low = product - high * 0x1_0000_0000;
        if (low >= n || low >= 0x1_0000_0000 % n) return high;
      }
    }
    const limit = 0x1_0000_0000 - (0x1_0000_0000 % n);
    let draw = next();
    while (draw >= limit) draw = next();
    return draw % n;
  }

  function shuffle<T>(items: readonly T[]): T[] {
    const copy = [...items];
    for (let last = copy.length - 1; last > 0; last--) {
      const other = integer(last + 1);
      const held = copy[last] as T;
      copy[last] = copy[other] as T;
      copy[other] = held;
    }
    return copy;
  }

  function normal(): number {
    if (spareNormal !== null) {
      const spare = spareNormal;
      spareNormal = null;
      return spare;
    }
    for (;;) {
      const u = 2 * random() - 1;
      const v = 2 * random() - 1;
      const s = u * u + v * v;
      if (s > 0 && s < 1) {
        const scale = Math.sqrt((-2 * Math.log(s)) / s);
        spareNormal = v * scale;
        return u * scale;
      }
    }
  }

  function chiSquare(degrees: number): number {
    if (!(degrees > 0)) throw new RangeError(`chiSquare(degrees) needs a positive number, not ${degrees}.`);
    // Below a shape of 1, the method draws with a shape one higher, and scales by a power of a uniform.
    if (degrees < 2) return chiSquare(degrees + 2) * (1 - random()) ** (2 / degrees);
    const shape = degrees / 2 - 1 / 3;
    const scale = 1 / Math.sqrt(9 * shape);
    for (;;) {
      const x = normal();
      const cube = (1 + scale * x) ** 3;
      if (cube > 0 && Math.log(1 - random()) < (x * x) / 2 + shape * (1 - cube + Math.log(cube)))
        return 2 * shape * cube;
    }
  }

  return {
    random,
    integer,
    shuffle,
    normal,
    exponential: () => -Math.log1p(-random()),
    chiSquare,
    derive: (label) => fromSeed64(splitMix64(seed ^ fnv1a64(label))()),
  };
}

/** FNV-1a, 64 bits, over UTF-8: spreads short labels over the seed space. */
function fnv1a64(text: string): bigint {
  let hash = 0xcbf2_9ce4_8422_2325n;
  for (const byte of new TextEncoder().encode(text)) {
    hash = ((hash ^ BigInt(byte)) * 0x100_0000_01b3n) & MASK_64;
  }
  return hash;
}
