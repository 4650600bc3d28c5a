/** How often `browser` runs its setups in each profile, and in which order. */
import type { Random } from '../../../core/stats/random.ts';
import type { Setup } from '../../browser/setups.ts';
import type { Profile } from '../../measuring/experiment.ts';
import type { ForkSchedule } from '../../measuring/run-forks.ts';

export const BROWSER = 'browser';

/** A browser's behaviour is not random; a second round shows that it does not depend on timing either. */
export const BROWSER_PLANS: Readonly<Record<Profile, ForkSchedule>> = {
  quick: { minForks: 1, maxForks: 1 },
  // A round can end between two setups, so one is started while any time is left.
  full: { minForks: 3, maxForks: 3, mayExceed: 1 },
};

/**
 * Round 1 begins with the most important setups, since time may run out; later orders differ, to exclude order
 * effects.
 */
export function orderOf(setups: readonly Setup[], round: number, random: Random): Setup[] {
  if (round > 0) return random.derive(`round ${round}`).shuffle(setups);
  return setups.toSorted((a, b) => a.rank - b.rank);
}
