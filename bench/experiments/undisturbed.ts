/** Slices that tell of the server, and slices that the machine or the load generator got into. Pure. */
import type { Flag } from '../results/flags.ts';
import type { Slice } from '../results/schema.ts';

/** What no server can bring about, so that leaving its slices out favours none. */
const DISTURBANCES: ReadonlySet<Flag> = new Set<Flag>([
  'machine-stalled',
  'cpu-stolen',
  'generator-saturated',
  'oversubscribed',
]);

export function isDisturbed({ flags }: Pick<Slice, 'flags'>): boolean {
  return flags.some((flag) => DISTURBANCES.has(flag));
}

/**
 * The undisturbed slices of each fork, where it has any, else all that it has: a figure of them is flagged.
 * @param slices of one cell, which was measured again where it was disturbed
 */
export function undisturbed<Of extends Slice>(slices: readonly Of[]): Of[] {
  const calm = slices.filter((slice) => !isDisturbed(slice));
  const forks = new Set(calm.map(({ fork }) => fork));
  return slices.filter((slice) => !forks.has(slice.fork) || !isDisturbed(slice));
}
