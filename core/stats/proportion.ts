/** A proportion with its interval. */

import { normalQuantile } from './distributions.ts';
import type { Estimate } from './interval.ts';

/**
 * The Wilson score interval (Wilson 1927), which has good coverage for few trials and for shares near 0 and 1. @param
 * hits from 0 to `trials` @throws {RangeError} for numbers that are not counts
 */
export function proportion(hits: number, trials: number, confidence = 0.95): Estimate {
  if (!Number.isInteger(hits) || !Number.isInteger(trials) || trials < 1 || hits < 0 || hits > trials) {
    throw new RangeError(`${hits} of ${trials} is no share of trials.`);
  }
  const z = normalQuantile(1 - (1 - confidence) / 2);
  const share = hits / trials;
  const scale = 1 + (z * z) / trials;
  const centre = (share + (z * z) / (2 * trials)) / scale;
  const half = (z / scale) * Math.sqrt((share * (1 - share)) / trials + (z * z) / (4 * trials * trials));
  return {
    value: share,
    low: hits === 0 ? 0 : centre - half,
    high: hits === trials ? 1 : centre + half,
    confidence,
    blocks: trials,
    forks: trials,
  };
}
