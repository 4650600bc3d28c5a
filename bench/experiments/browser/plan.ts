/** How often `browser` goes through its setups in each profile, and in which order. */
import type { Random } from '../../../core/stats/random.ts';
import type { Setup } from '../../browser/setups.ts';
import type { Profile } from '../../measuring/experiment.ts';
import type { ForkSchedule } from '../../measuring/run-forks.ts';

export const BROWSER = 'browser';

/** What a browser does is not a matter of chance; a second round shows that it was not a matter of timing either. */
export const BROWSER_PLANS: Readonly<Record<Profile, ForkSchedule>> = {
  quick: { minForks: 1, maxForks: 1 },
  // A round can end between two setups, so one is begun while there is any time left.
  full: { minForks: 3, maxForks: 3, mayExceed: 1 },
};

/**
 * The most important setups come first in round 1, since time may end; later orders differ, so that order has no
 * effect.
 */
export function orderOf(setups: readonly Setup[], round: number, random: Random): Setup[] {
  if (round > 0) return random.derive(`round ${round}`).shuffle(setups);
  return setups.toSorted((a, b) => a.rank - b.rank);
}
