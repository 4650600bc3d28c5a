/** How long a revoked credential lived on, in words. Pure. */
import { isLowerBound } from '../results/sampled.ts';
import type { Figure } from '../results/schema.ts';
import { formatDuration } from './format.ts';

/** How long it was accepted: `up to 14.2 min`, or `more than 5 s` where it was not seen to be refused. */
export function lifeText(lag: Pick<Figure, 'value' | 'high' | 'flags'>): string {
  // Of one that was neither accepted nor refused, only how long it was watched is known.
  return isLowerBound(lag)
    ? `more than ${formatDuration(lag.value > 0 ? lag.value : lag.high)}`
    : `up to ${formatDuration(lag.value)}`;
}
