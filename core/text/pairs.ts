/** Sentences about two arms that state only what their paired ratio shows. Pure. */
import type { CostRatios, PairedRatio } from '../results/paired-ratios.ts';
import { formatEstimate, formatValue } from './format.ts';

/** `1.57× [1.54–1.59]`, or `1.57× (one sample)`. */
export function ratioText({ ratio, outcome }: PairedRatio): string {
  return outcome === 'one sample' ? `${formatValue(ratio)} (one sample)` : formatEstimate(ratio);
}

/** An interval that excludes 1 may not be significant after correction for many pairs. */
function corrected({ ratio }: PairedRatio, count: number): string {
  return ratio.low > 1 || ratio.high < 1 ? ` (after correction for ${count} comparisons)` : '';
}

/** The CPU time that was compared: ` per request, Redis included`. */
export function costScope({ includesRedis }: Pick<CostRatios, 'includesRedis'>): string {
  return includesRedis ? ' per request, Redis included' : ' per request in the server process, without Redis';
}

/**
 * `session-redis takes 1.57× [1.54–1.59] the CPU time of jwt-hs256 per request, Redis included`, `no difference found
 * between a and b in CPU time per request, Redis included: 0.97× [0.93–1.02]`, or that it was one sample. Without a full
 * stop.
 */
export function costSentence(pair: PairedRatio, costs: CostRatios): string {
  const { a, b, outcome } = pair;
  const scope = costScope(costs);
  if (outcome === 'no difference') {
    return `no difference found between ${a} and ${b} in CPU time${scope}: ${ratioText(pair)}${corrected(pair, costs.count)}`;
  }
  const text = `${a} takes ${ratioText(pair)} the CPU time of ${b}${scope}`;
  return outcome === 'one sample' ? `${text}, which shows no order` : text;
}
