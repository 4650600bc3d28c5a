/** Finds the arms with the first place and nothing else, because a search asks for them hundreds of times. */

import { costOf } from './cost.ts';
import type { RunEvidence } from './evidence.ts';
import { exceedsP99 } from './latency.ts';
import { faultsOf, type Needs } from './needs.ts';
import { type Candidate, firstOfAll } from './order.ts';
import { meetsRules } from './rules.ts';
import { fleetFor, moneyFor } from './sizing.ts';

export function namesOfFirst(candidates: readonly Candidate[], needs: Needs, run: RunEvidence): string[] {
  return firstOfAll(candidates, needs, run).map(({ arm }) => arm.name);
}

/** The arms that meet all needs that do not depend on load. */
export function armsMeetingRules(run: RunEvidence, needs: Needs): Candidate[] {
  if (faultsOf(needs).length > 0) return [];
  return run.arms.filter((arm) => meetsRules(arm, needs)).map((arm) => ({ arm, cost: costOf(arm, run) }));
}

/** Whether an arm meets the needs `p99` and `budget`, by the same rule as their reasons. */
function isWithinLimits({ arm, cost }: Candidate, needs: Needs): boolean {
  const { p99Ms, budget } = needs;
  if (cost === null) return true;
  if (p99Ms !== null && exceedsP99(arm, cost, needs, fleetFor(arm, cost, needs, 'value'), p99Ms)) return false;
  const money = budget === null ? null : moneyFor(arm, cost, needs, 'value');
  return budget === null || money === null || money <= budget;
}

/** @param fitting from `armsMeetingRules`, for needs that may differ in load only */
export function cheapestOf(fitting: readonly Candidate[], needs: Needs, run: RunEvidence): string[] {
  return namesOfFirst(
    fitting.filter((candidate) => isWithinLimits(candidate, needs)),
    needs,
    run,
  );
}

/** Whether an arm meets all needs, whether or not one is first. */
export function anyFits(run: RunEvidence, needs: Needs): boolean {
  return armsMeetingRules(run, needs).some((candidate) => isWithinLimits(candidate, needs));
}

export function firstOf(run: RunEvidence, needs: Needs): string[] {
  return cheapestOf(armsMeetingRules(run, needs), needs, run);
}
