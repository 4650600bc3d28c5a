/** The verdict on a side after the forks so far: slower, faster, same, or inconclusive. Pure. */
import type { Estimate } from '../../core/stats/interval.ts';
import {
  type Design,
  degreesOf,
  type SpreadPrior,
  sequentialInterval,
  tailAsStudent,
  trimmed,
} from '../../core/stats/sequential.ts';

export type Verdict = 'slower' | 'faster' | 'same' | 'cannot-tell';

export interface Judgement {
  readonly verdict: Verdict;
  /** The ratio of the side to the reference. Its interval is valid at all looks together. */
  readonly ratio: Estimate;
}

export interface Margin {
  /** A percentage. Differences up to it do not matter: 2 means from 1/1.02 to 1.02. */
  readonly marginPct: number;
}

/**
 * Slower: the whole interval lies above 1 and the estimate beyond the margin. Same: the whole interval lies within
 * the margin, so that sameness is shown rather than assumed. @param logRatios ln(side / reference) of each fork
 * @param prior knowledge of the spread of forks from other comparisons
 */
export function judge(
  logRatios: readonly number[],
  design: Design,
  { marginPct }: Margin,
  prior: SpreadPrior | null = null,
): Judgement {
  const { mean, halfWidth } = sequentialInterval(logRatios, design, prior);
  const verdict = verdictOf(mean, halfWidth, Math.log1p(marginPct / 100));
  const ratio: Estimate = {
    value: Math.exp(mean),
    low: Math.exp(mean - halfWidth),
    high: Math.exp(mean + halfWidth),
    confidence: design.confidence,
    blocks: logRatios.length,
    forks: logRatios.length,
  };
  return { verdict, ratio };
}

function verdictOf(mean: number, halfWidth: number, margin: number): Verdict {
  // Without a measurement there is no mean, and every comparison with it is false.
  if (!Number.isFinite(mean)) return 'cannot-tell';
  if (Math.abs(mean) + halfWidth <= margin) return 'same';
  if (Math.abs(mean) <= margin || halfWidth >= Math.abs(mean)) return 'cannot-tell';
  return mean > 0 ? 'slower' : 'faster';
}

const MOST = 4_000;

/**
 * The estimated number of further forks that a verdict needs, if they vary like those so far; null if the difference
 * is about as large as the margin.
 */
export function forksNeeded(
  logRatios: readonly number[],
  design: Design,
  { marginPct }: Margin,
  prior: SpreadPrior | null = null,
): number | null {
  const margin = Math.log1p(marginPct / 100);
  const forks = logRatios.length;
  if (forks < 2) return null;
  const { mean, standardError } = trimmed(logRatios);
  const own = degreesOf(forks);
  const known = prior?.degrees ?? 0;
  const variance = (own * standardError ** 2 * forks + known * (prior?.deviation ?? 0) ** 2) / (own + known);
  const spread = Math.sqrt(variance);
  const last = design.normal.at(-1) ?? Number.POSITIVE_INFINITY;
  const isKnown = (total: number) => {
    const halfWidth = (tailAsStudent(last, degreesOf(total) + known) * spread) / Math.sqrt(total);
    return verdictOf(mean, halfWidth, margin) !== 'cannot-tell';
  };
  if (!isKnown(MOST)) return null;
  let [few, enough] = [Math.max(forks, design.firstLook - 1), MOST];
  while (enough - few > 1) {
    const middle = Math.floor((few + enough) / 2);
    if (isKnown(middle)) enough = middle;
    else few = middle;
  }
  return enough - forks;
}
