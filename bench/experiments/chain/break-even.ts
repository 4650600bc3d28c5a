/**
 * The number of services from which an edge that exchanges a credential once costs less than asking the authorization
 * server at each service. The edge costs something once; each service then verifies a signature instead of asking.
 * Pure.
 */
import type { ArmSummary } from '../../../core/results/arms.ts';
import { CHAIN_MODEL, MOST_SERVICES } from '../../../core/results/metrics/chain.ts';
import type { Figure, Slice } from '../../../core/results/schema.ts';
import { STANDARD_IN_FLIGHT } from '../../../core/results/standard-load.ts';
import { heightAt, risesThroughZero } from '../../../core/stats/fitting/line.ts';
import { Cell } from '../../analysis/cell.ts';
import { lineEstimate, type Points } from '../../analysis/lines.ts';
import { seedsOf } from '../../analysis/seeds.ts';
import type { AnalysisContext } from '../../measuring/experiment.ts';
import { CHAIN, EVERY_HOP } from './plan.ts';
import { inFlightOf, levelsOf, overHops, roundsOf } from './rounds.ts';

const asksIssuer = ({ serverState }: ArmSummary) => serverState === 'issuer';
const exchanges = (arm: ArmSummary) => asksIssuer(arm) && arm.variant === 'edge';

/** @param paired slices of every chain, in the same blocks */
export function breakEvenFigures(paired: readonly Slice[], context: AnalysisContext): Figure[] {
  const of = ({ name }: ArmSummary) =>
    paired.filter(
      (slice) => slice.arm === name && slice.factors.checks === EVERY_HOP && inFlightOf(slice) === STANDARD_IN_FLIGHT,
    );
  const measured = context.arms.filter((arm) => of(arm).length > 0);
  const asked = measured.filter((arm) => asksIssuer(arm) && !exchanges(arm));
  return measured
    .filter(exchanges)
    .flatMap((edge) => asked.flatMap((other) => compared(edge.name, other.name, of(edge), of(other), context)));
}

/** @param edge the name of the arm with the edge @param against that of the arm that asks at every service */
function compared(
  edge: string,
  against: string,
  own: readonly Slice[],
  others: readonly Slice[],
  context: AnalysisContext,
): Figure[] {
  const cell = new Cell({
    subject: { experiment: CHAIN, arm: edge, factors: { against, checks: EVERY_HOP } },
    slices: own,
    baselines: others,
    seeds: seedsOf(context, `${CHAIN} ${edge} against ${against}`),
  });
  const differences = levelsOf(own).flatMap((hops) => {
    const level = cell.with({ slices: overHops(own, hops), baselines: overHops(others, hops) });
    return level.paired('chain_difference_us', { label: `difference ${hops}`, factors: { hops } });
  });
  const rounds = roundsOf(own, others);
  // The error of a line from one round is unknown.
  if (rounds.flat().length < 2) return differences;
  // What the edge saves, which increases with the number of services if it can pay off.
  const saved: Points = rounds.map((fork) =>
    fork.flatMap((round) => [...round].map(([x, difference]) => ({ x, y: -difference }))),
  );
  const last = lineEstimate(saved, (all) => heightAt(MOST_SERVICES, all), cell.seed('last'));
  // Without a significant saving there is no break-even.
  if (last === null || last.low <= 0) return differences;
  const found = lineEstimate(saved, (all) => risesThroughZero(1, MOST_SERVICES, all), cell.seed('break-even'));
  if (found === null) return differences;
  const within = { ...found, low: Math.max(1, found.low), high: Math.min(MOST_SERVICES, found.high) };
  return [
    ...differences,
    cell.figure('chain_break_even_services', within, {
      factors: { model: CHAIN_MODEL },
      flags: cell.comparedFlags(),
      source: 'model',
    }),
  ];
}
