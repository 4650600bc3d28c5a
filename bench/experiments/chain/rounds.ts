/** What one chain costs beyond another, in rounds: a round has one block for each number of hops. Pure. */
import type { Slice } from '../../../core/results/schema.ts';
import { pairsOf, quotientOf } from '../../analysis/quotients.ts';
import { byFork } from '../../measuring/slices.ts';

const TOTAL = quotientOf('chain_cpu_us');

export const hopsOf = ({ factors }: Slice) => Number(factors.hops);
export const inFlightOf = ({ factors }: Slice) => Number(factors.in_flight);

/** The numbers of hops that were measured, in ascending order. */
export const levelsOf = (slices: readonly Slice[]) => [...new Set(slices.map(hopsOf))].sort((a, b) => a - b);
/** The slices of chains with this number of hops. */
export const overHops = (slices: readonly Slice[], hops: number) => slices.filter((slice) => hopsOf(slice) === hops);

/** What one chain costs beyond the other in one round, µs, by hops. */
export type Round = ReadonlyMap<number, number>;

/**
 * The n-th block of each number of hops forms the n-th round; incomplete rounds are omitted. @returns `[fork][round]`
 */
export function roundsOf(slices: readonly Slice[], baselines: readonly Slice[]): readonly (readonly Round[])[] {
  const levels = levelsOf(slices);
  return byFork(slices).map((fork) => {
    const others = baselines.filter((slice) => slice.fork === fork[0]?.fork);
    const tolls = levels.map((hops) => {
      const [pairs = []] = pairsOf(overHops(fork, hops), overHops(others, hops), TOTAL, 'difference');
      return { hops, tolls: pairs.map(({ value, baseline }) => value - baseline) };
    });
    const count = Math.min(...tolls.map((level) => level.tolls.length));
    return Array.from({ length: count }, (_, i) => new Map(tolls.map(({ hops, tolls: own }) => [hops, own[i] ?? 0])));
  });
}
