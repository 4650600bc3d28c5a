/** The inverse question: how much load given replicas, or a given budget, can carry within a latency limit. */

import { largest } from '../model/response.ts';
import { costOf } from './cost.ts';
import type { ArmEvidence, RunEvidence } from './evidence.ts';
import { p99Of } from './latency.ts';
import { type Needs, RANGES } from './needs.ts';
import { fleetFor, moneyFor } from './sizing.ts';

export interface Carries {
  /** Requests a second; null if even the lowest load does not fit. */
  readonly requestsPerSecond: number | null;
  /** The limit that more load would exceed. */
  readonly limit: 'utilisation' | 'p99' | 'budget' | 'range';
}

/**
 * @param replicas null for as many as the budget allows @returns null if the cost of a request was not measured, or
 * nothing limits the load
 */
export function carries(arm: ArmEvidence, run: RunEvidence, needs: Needs, replicas: number | null): Carries | null {
  const cost = costOf(arm, run);
  if (cost === null || (replicas === null && needs.budget === null)) return null;
  /** The limit that a load exceeds; null for none. Costs are taken at the unfavourable end of their intervals. */
  const exceeds = (requestsPerSecond: number): Carries['limit'] | null => {
    const load = { ...needs, requestsPerSecond };
    const needed = fleetFor(arm, cost, load, 'high');
    const money = moneyFor(arm, cost, load, 'high');
    const { budget, prices } = needs;
    if (budget !== null && (money === null || money > budget)) return 'budget';
    // What is left of the budget buys more replicas than the load needs, which shortens queues.
    const spare =
      budget === null || money === null || !prices?.replica ? 0 : Math.floor((budget - money) / prices.replica);
    const own = replicas ?? needed.replicas + spare;
    if (needed.unrounded > own) return 'utilisation';
    const fleet = { ...needed, replicas: own };
    return needs.p99Ms !== null && p99Of(arm, cost, load, fleet, 'high').ms > needs.p99Ms ? 'p99' : null;
  };
  const { low, high } = RANGES.requestsPerSecond;
  const most = largest(low, high, (rate) => exceeds(rate) === null);
  return { requestsPerSecond: most, limit: exceeds((most ?? low) * 1.001) ?? 'range' };
}
