/** How long a revoked credential stayed valid, in words. Pure. */
import { isLowerBound } from '../results/sampled.ts';
import type { Figure } from '../results/schema.ts';
import { formatDuration } from './format.ts';

/** How long it was accepted: `up to 14.2 min`, or `more than 5 s` if no refusal was seen. */
export function lifeText(lag: Pick<Figure, 'value' | 'high' | 'flags'>): string {
  // For a credential that was neither accepted nor refused, only the length of observation is known.
  return isLowerBound(lag)
    ? `more than ${formatDuration(lag.value > 0 ? lag.value : lag.high)}`
    : `up to ${formatDuration(lag.value)}`;
}
