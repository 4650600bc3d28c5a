/**
 * Percentiles of a hierarchical bootstrap, computed without resampling, for a quotient of two sums over many forks.
 *
 * A resample's quotient is at most t if its sum of `numerator − t × denominator` is at most 0. That sum consists of as many
 * independent picks as there are forks, so its cumulants are those of one pick times their number, and they follow
 * exactly from the blocks. Its distribution is approximated as normal with a correction for skewness (Cornish & Fisher
 * 1938; Hall 1992, section 2.5). The error of this decreases with the number of forks, and for many forks it is far below the
 * error of a few thousand draws; the tests compare both. Pure.
 */
import { normalQuantile } from '../distributions.ts';

/** Fork f has the blocks from `starts[f]` to before `starts[f + 1]`. All denominators are positive. */
export interface RatioSample {
  readonly numerators: Float64Array;
  /** Null if each block counts once. */
  readonly denominators: Float64Array | null;
  readonly starts: Int32Array;
}

export interface RatioPercentiles {
  /** Of the whole sample. */
  readonly quotient: number;
  /** Percentiles of the quotient, in the order of the probabilities. */
  readonly percentiles: readonly number[];
  readonly variance: number;
}

/** Above this skewness the correction is insufficient, for example with a few extreme blocks among many. */
const MOST_SKEWNESS = 0.5;
/** A spread below this fraction of the quotient is rounding error. */
const ROUNDING = 1e-12;
const MOST_STEPS = 50;

/** @returns null if the sums are too skewed */
export function ratioPercentiles(sample: RatioSample, probabilities: readonly number[]): RatioPercentiles | null {
  const [numerator, denominator] = totals(sample);
  const ratio = numerator / denominator;
  const { variance, skewness } = momentsAt(sample, ratio);
  const spread = Math.sqrt(variance) / denominator;
  if (spread <= ROUNDING * Math.abs(ratio)) {
    return { quotient: ratio, percentiles: probabilities.map(() => ratio), variance: 0 };
  }
  if (!(Math.abs(skewness) <= MOST_SKEWNESS)) return null;
  const percentiles: number[] = [];
  for (const probability of probabilities) {
    const found = percentile(sample, { numerator, denominator, ratio, spread }, probability);
    if (found === null) return null;
    percentiles.push(found);
  }
  return { quotient: ratio, percentiles, variance: spread ** 2 };
}

interface Whole {
  readonly numerator: number;
  readonly denominator: number;
  readonly ratio: number;
  readonly spread: number;
}

/** Finds the quotient below which a given share of the resamples lies. */
function percentile(
  sample: RatioSample,
  { numerator, denominator, ratio, spread }: Whole,
  probability: number,
): number | null {
  const z = normalQuantile(probability);
  let at = ratio;
  for (let step = 0; step < MOST_STEPS; step++) {
    const { variance, skewness } = momentsAt(sample, at);
    const deviations = z + (skewness / 6) * (z * z - 1);
    const next = (numerator + deviations * Math.sqrt(variance)) / denominator;
    if (!Number.isFinite(next)) return null;
    if (Math.abs(next - at) <= 1e-9 * spread) return next;
    at = next;
  }
  return null;
}

function totals({ numerators, denominators }: RatioSample): [numerator: number, denominator: number] {
  let [numerator, denominator] = [0, denominators === null ? numerators.length : 0];
  for (let block = 0; block < numerators.length; block++) {
    numerator += numerators[block] as number;
    if (denominators !== null) denominator += denominators[block] as number;
  }
  return [numerator, denominator];
}

/**
 * Cumulants of a resample's sum of `numerator − at × denominator`. A pick chooses a fork, then as many of its blocks as it
 * has: given the fork, its cumulants are sums over the fork's blocks, and they combine over forks as those of a mixture.
 */
function momentsAt(
  { numerators, denominators, starts }: RatioSample,
  at: number,
): { variance: number; skewness: number } {
  const forks = starts.length - 1;
  const differenceAt = (block: number) => (numerators[block] as number) - at * (denominators?.[block] ?? 1);
  let mean = 0;
  for (let block = 0; block < numerators.length; block++) mean += differenceAt(block);
  mean /= forks;
  let [second, third] = [0, 0];
  for (let fork = 0; fork < forks; fork++) {
    const [start, end] = [starts[fork] as number, starts[fork + 1] as number];
    let sum = 0;
    for (let block = start; block < end; block++) sum += differenceAt(block);
    const centre = sum / (end - start);
    let [squares, cubes] = [0, 0];
    for (let block = start; block < end; block++) {
      const off = differenceAt(block) - centre;
      squares += off * off;
      cubes += off * off * off;
    }
    const off = sum - mean;
    second += squares + off * off;
    third += cubes + 3 * squares * off + off * off * off;
  }
  return { variance: second, skewness: second > 0 ? third / second ** 1.5 : 0 };
}
