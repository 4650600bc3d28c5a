/**
 * How much more each further hop costs in one chain than in another whose services each check the credential, from the
 * rounds that both took part in. Pure.
 */
import type { Figure, Slice } from '../../../core/results/schema.ts';
import { STANDARD_IN_FLIGHT } from '../../../core/results/standard-load.ts';
import { fitLine } from '../../../core/stats/fitting/line.ts';
import { Cell } from '../../analysis/cell.ts';
import { seedsOf } from '../../analysis/seeds.ts';
import type { AnalysisContext } from '../../measuring/experiment.ts';
import { CHAIN, EVERY_HOP } from './plan.ts';
import { inFlightOf, roundsOf } from './rounds.ts';

interface Chain {
  readonly arm: string;
  readonly checks: string;
  readonly slices: readonly Slice[];
}

/** @param paired slices of every chain, in the same blocks */
export function perHopFigures(paired: readonly Slice[], context: AnalysisContext): Figure[] {
  const chains = chainsIn(paired);
  const every = chains.filter(({ checks }) => checks === EVERY_HOP);
  return chains.flatMap((own) => {
    // Of two chains with checks at every hop, one difference is enough.
    const others = own.checks === EVERY_HOP ? every.slice(every.indexOf(own) + 1) : every;
    return others.flatMap((other) => differenceOf(own, other, context));
  });
}

/** In the order of their first slices, without the baseline. */
function chainsIn(paired: readonly Slice[]): Chain[] {
  const guarded = paired.filter(
    (slice) => slice.factors.checks !== undefined && inFlightOf(slice) === STANDARD_IN_FLIGHT,
  );
  const groups = Map.groupBy(guarded, ({ arm, factors }) => JSON.stringify([arm, factors.checks]));
  return [...groups.values()].flatMap((slices) => {
    const [first] = slices;
    return first?.arm == null ? [] : [{ arm: first.arm, checks: String(first.factors.checks), slices }];
  });
}

function differenceOf(own: Chain, other: Chain, context: AnalysisContext): Figure[] {
  const rounds = roundsOf(own.slices, other.slices).map((fork) => fork.filter((round) => round.size > 1));
  const cell = new Cell({
    subject: { experiment: CHAIN, arm: own.arm, factors: { against: other.arm, checks: own.checks } },
    slices: own.slices,
    baselines: other.slices,
    seeds: seedsOf(context, `${CHAIN} ${own.arm} ${own.checks} per hop against ${other.arm}`),
  });
  const slopes = rounds.map((fork) => fork.map((round) => fitLine([...round.keys()], [...round.values()]).slope));
  return cell.meanOf('chain_difference_per_hop_us', slopes, { flags: cell.comparedFlags() });
}
