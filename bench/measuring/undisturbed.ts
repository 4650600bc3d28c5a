/** Slices that tell of the server, and slices that the machine or the load generator got into. Pure. */
import type { Flag } from '../../core/results/flags.ts';
import type { Slice } from '../../core/results/schema.ts';

/**
 * Time that the machine or the load generator took. It is in a slice's latencies and not the server's, so that leaving such
 * slices out favours nobody; processes that wait for each other, or a rate that was not reached, may be the server's doing.
 */
const DISTURBANCES: ReadonlySet<Flag> = new Set<Flag>(['machine-stalled', 'cpu-stolen', 'generator-saturated']);

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
