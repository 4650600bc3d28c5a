/**
 * Quantiles of independent numbers, with distribution-free intervals from their ranks (David & Nagaraja 2003, section
 * 7.1). The bootstrap does not give such intervals: no resample exceeds the largest number. The jackknife moves a
 * median by half the gap between two numbers, which says little about its error.
 */
import { normalQuantile, regularizedBeta, studentQuantile } from './distributions.ts';
import type { Bounds, Interval } from './interval.ts';
import { quantileOfSorted, variance } from './location.ts';

/** P(at most `hits` successes in `trials`) with this success probability. */
function binomialCdf(hits: number, trials: number, probability: number): number {
  if (hits < 0) return 0;
  return hits >= trials ? 1 : regularizedBeta(1 - probability, trials - hits, hits + 1);
}

/**
 * The ranks, from 1, of the two numbers of an ordered sample that bound a quantile. @param probability of the
 * quantile, between 0 and 1 @returns null if the sample is too small to bound the quantile on both sides
 */
export function ranksAround(count: number, probability: number, confidence = 0.95): Bounds | null {
  const tail = (1 - confidence) / 2;
  const upTo = (hits: number) => binomialCdf(hits, count, probability);
  // Even the smallest number may lie above it, or the largest below it.
  if (upTo(0) > tail || upTo(count - 1) < 1 - tail) return null;
  const low = firstWhere(1, count, (rank) => upTo(rank) > tail);
  return { low, high: firstWhere(low, count, (rank) => upTo(rank - 1) >= 1 - tail) };
}

/** The first integer in a range for which a monotonic predicate is true; the last one if it never is. */
function firstWhere(from: number, to: number, isTrue: (at: number) => boolean): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (isTrue(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The standard deviation of a quantile of many normal numbers, times the root of their number. */
function normalFactor(probability: number): number {
  const z = normalQuantile(probability);
  return Math.sqrt(probability * (1 - probability) * 2 * Math.PI) * Math.exp((z * z) / 2);
}

/**
 * A quantile of independent numbers and its interval. If there are too few for ranks (fewer than six for a median at
 * 95 %), the numbers are assumed to be normal, and the interval uses Student's t. @param values at least one; `low =
 * high = value` for a single one @param probability between 0 and 1
 */
export function quantileInterval(values: readonly number[], probability: number, confidence = 0.95): Interval {
  const sorted = Float64Array.from(values).sort();
  const value = quantileOfSorted(sorted, probability);
  const count = sorted.length;
  if (count === 1) return { value, low: value, high: value };
  const ranks = ranksAround(count, probability, confidence);
  if (ranks !== null) {
    const [low, high] = [sorted[ranks.low - 1] as number, sorted[ranks.high - 1] as number];
    return { value, low: Math.min(low, value), high: Math.max(high, value) };
  }
  const half =
    studentQuantile((1 + confidence) / 2, count - 1) *
    normalFactor(probability) *
    Math.sqrt(variance([...sorted]) / count);
  return { value, low: value - half, high: value + half };
}
