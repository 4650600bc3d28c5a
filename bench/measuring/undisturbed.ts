/** Separates slices that show the server from those that the machine or the load generator disturbed. Pure. */
import type { Flag } from '../../core/results/flags.ts';
import type { Slice } from '../../core/results/schema.ts';

/**
 * Time lost to the machine or the load generator. It is part of a slice's latencies, but not caused by the server, so
 * dropping such slices favours no arm. Competition for cores, or a missed rate, may be caused by the server.
 */
const DISTURBANCES: ReadonlySet<Flag> = new Set<Flag>(['machine-stalled', 'cpu-stolen', 'generator-saturated']);

export function isDisturbed({ flags }: Pick<Slice, 'flags'>): boolean {
  return flags.some((flag) => DISTURBANCES.has(flag));
}

/**
 * The undisturbed slices of each fork; if a fork has none, all its slices, and their figures are flagged. @param
 * slices of one cell, which was repeated if it was disturbed
 */
export function undisturbed<Of extends Slice>(slices: readonly Of[]): Of[] {
  const calm = slices.filter((slice) => !isDisturbed(slice));
  const forks = new Set(calm.map(({ fork }) => fork));
  return slices.filter((slice) => !forks.has(slice.fork) || !isDisturbed(slice));
}
