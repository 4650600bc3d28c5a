/** Keeps slices that show the server apart from those that the machine or the load generator disturbed. Pure. */
import type { Flag } from '../../core/results/flags.ts';
import type { Slice } from '../../core/results/schema.ts';

/**
 * Time that the machine or the load generator took. It is part of a slice's latencies, but the server did not cause it, so
 * leaving such slices out favours no arm. Processes that wait for each other, or a missed rate, may be the server's doing.
 */
const DISTURBANCES: ReadonlySet<Flag> = new Set<Flag>(['machine-stalled', 'cpu-stolen', 'generator-saturated']);

export function isDisturbed({ flags }: Pick<Slice, 'flags'>): boolean {
  return flags.some((flag) => DISTURBANCES.has(flag));
}

/**
 * The undisturbed slices of each fork; where a fork has none, all its slices, and figures made from them are flagged.
 * @param slices of one cell, which was measured again where it was disturbed
 */
export function undisturbed<Of extends Slice>(slices: readonly Of[]): Of[] {
  const calm = slices.filter((slice) => !isDisturbed(slice));
  const forks = new Set(calm.map(({ fork }) => fork));
  return slices.filter((slice) => !forks.has(slice.fork) || !isDisturbed(slice));
}
