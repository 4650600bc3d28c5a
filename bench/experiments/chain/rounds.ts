/** What one chain costs beyond another, in rounds: a round has one block for each number of hops. Pure. */
import type { Slice } from '../../../core/results/schema.ts';
import { hasQuotient, quotientIn, quotientOf } from '../../analysis/quotients.ts';
import { byFork, paired } from '../../measuring/slices.ts';

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
 * The n-th block of each number of hops forms the n-th round. A block that lacks a measure leaves its round incomplete, and
 * incomplete rounds are omitted: the blocks after it keep their rounds. @returns `[fork][round]`
 */
export function roundsOf(slices: readonly Slice[], baselines: readonly Slice[]): readonly (readonly Round[])[] {
  const levels = levelsOf(slices);
  return byFork(slices).map((fork) => {
    const others = baselines.filter((slice) => slice.fork === fork[0]?.fork);
    const tolls = levels.map((hops) => ({ hops, byRound: tollsOf(overHops(fork, hops), overHops(others, hops)) }));
    const complete = [...(tolls[0]?.byRound.keys() ?? [])].filter((round) =>
      tolls.every(({ byRound }) => byRound.has(round)),
    );
    return complete.map((round) => new Map(tolls.map(({ hops, byRound }) => [hops, byRound.get(round) as number])));
  });
}

/** What each block costs beyond its baseline, by the number of its round: its place among all blocks of these hops. */
function tollsOf(own: readonly Slice[], others: readonly Slice[]): ReadonlyMap<number, number> {
  const blocks = [...new Set([...own, ...others].map(({ block }) => block))].sort((a, b) => a - b);
  const [pairs = []] = paired(own, others);
  const complete = pairs.filter(({ slice, baseline }) => hasQuotient(slice, TOTAL) && hasQuotient(baseline, TOTAL));
  return new Map(
    complete.map(({ slice, baseline }) => [
      blocks.indexOf(slice.block),
      quotientIn(slice, TOTAL) - quotientIn(baseline, TOTAL),
    ]),
  );
}
