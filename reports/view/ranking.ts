/** Ranks arms by cost, and finds those that the run cannot separate, from comparisons in the same blocks. */
import { otherArmOf } from '../../core/results/other-arm.ts';
import type { Run } from '../../core/results/schema.ts';
import { type Comparison, type Ranking, rankByComparisons } from '../../core/stats/ties.ts';
import { figuresOf, hasArm, tollFigures } from './figures.ts';

/**
 * Guarded arms by CPU per request. Null where no two arms were compared.
 * @param unsound arms that get no rank: breaking a promise may be what makes them cheap
 */
export function rankCosts(run: Run, unsound: ReadonlySet<string>): Ranking | null {
  const comparisons: Comparison[] = figuresOf(run, 'toll', 'cpu_ratio_to_arm')
    .filter(hasArm)
    .map((ratio) => ({ a: ratio.arm, b: otherArmOf(ratio), ratio }))
    .filter(({ a, b }) => !unsound.has(a) && !unsound.has(b));
  if (comparisons.length === 0) return null;
  const compared = new Set(comparisons.flatMap(({ a, b }) => [a, b]));
  // By the paired ratio, which the machine's drift cannot move.
  const arms = tollFigures(run, 'cpu_ratio_to_baseline')
    .filter(({ arm }) => compared.has(arm))
    .sort((one, other) => one.value - other.value)
    .map(({ arm }) => arm);
  return rankByComparisons(arms, comparisons, { better: 'smaller' });
}

/** `2`, or `2 =` where others are indistinguishable from it; empty where the arm has no rank. */
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
