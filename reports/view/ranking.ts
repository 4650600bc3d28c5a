/** Ranks arms by cost, and finds those that the run cannot separate, from comparisons in the same blocks. */
import { type CostRatios, costRatios } from '../../core/results/paired-ratios.ts';
import type { Run } from '../../core/results/schema.ts';
import type { Ranking } from '../../core/stats/ties.ts';
import { costScope } from '../../core/text/pairs.ts';

export interface CostRanking extends Ranking {
  readonly costs: CostRatios;
}

/**
 * Guarded arms by CPU time per request, including that of Redis if the run compared it. The only ranking of costs:
 * table, sentences and charts use it. Null if no two arms were compared in pairs.
 * @param unsound arms that get no rank: breaking a promise may be what makes them cheap
 */
export function rankCosts(run: Run, unsound: ReadonlySet<string>): CostRanking | null {
  const costs = costRatios(run.figures, run.arms, unsound);
  const ranking = costs?.ranking('smaller') ?? null;
  return costs === null || ranking === null ? null : { ...ranking, costs };
}

/** The quantity by which arms are ranked: `CPU time per request, Redis included`. */
export function costOf({ costs }: Pick<CostRanking, 'costs'>): string {
  return `CPU time${costScope(costs)}`;
}

/** `2`, or `2 =` if others are indistinguishable from it; empty if the arm has no rank. */
export function placeOf(arm: string, ranking: Ranking | null): string {
  const rank = ranking?.arms.find((ranked) => ranked.arm === arm)?.rank;
  if (rank === undefined) return '';
  return tiedWith(arm, ranking).length > 0 ? `${rank} =` : String(rank);
}

/** Arms that are statistically indistinguishable from this one, the cheapest first. */
export function tiedWith(arm: string, ranking: Ranking | null): string[] {
  const groups = ranking?.groups.filter((group) => group.includes(arm)) ?? [];
  return [...new Set(groups.flat())].filter((other) => other !== arm);
}
