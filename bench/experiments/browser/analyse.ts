/** From trials in a browser to figures: shares that were counted, and what stopped what did not succeed. Pure. */
import { METRICS, type Metric } from '../../../core/results/metrics.ts';
import type { Factors, Figure, Slice } from '../../../core/results/schema.ts';
import { flagsOf, measure } from '../../measuring/slices.ts';

/** What a trial's slice holds, and the figure that it becomes. */
const SHARES = [
  { measure: 'succeeded', metric: 'attack_succeeded' },
  { measure: 'credential_sent', metric: 'credential_sent' },
  { measure: 'cross_origin_works', metric: 'cross_origin_works' },
  { measure: 'plain_client_works', metric: 'plain_client_works' },
] as const satisfies readonly { measure: string; metric: Metric }[];

/** The outcome among a trial's factors: it does not distinguish cells. */
const STOPPED_BY = 'stopped_by';

function cellOf({ stopped_by: _outcome, ...cell }: Factors): Factors {
  return cell;
}

function share(trials: readonly Slice[], name: string, metric: Metric, factors: Factors): Figure {
  const value = trials.reduce((sum, trial) => sum + measure(trial, name), 0) / trials.length;
  return {
    experiment: 'browser',
    arm: trials[0]?.arm ?? null,
    factors,
    metric,
    unit: METRICS[metric].unit,
    // Every trial was counted, and none is a sample of others.
    value,
    low: value,
    high: value,
    confidence: 0.95,
    blocks: trials.length,
    forks: new Set(trials.map(({ fork }) => fork)).size,
    source: 'measured',
    flags: [...new Set(flagsOf(trials))].sort(),
  };
}

/** One figure for each cell and metric; of an attack also what stopped it, where trials differ each of it. */
export function analyseBrowser(slices: readonly Slice[]): Figure[] {
  const cells = Map.groupBy(slices, ({ arm, factors }) => JSON.stringify([arm, cellOf(factors)]));
  return [...cells.values()].flatMap((trials) =>
    SHARES.flatMap(({ measure: name, metric }) => {
      const counted = trials.filter(({ measures }) => measures[name] !== undefined);
      const [first] = counted;
      if (first === undefined) return [];
      const cell = cellOf(first.factors);
      const stoppers = [...new Set(counted.map(({ factors }) => factors[STOPPED_BY]))].filter(
        (one) => one !== undefined,
      );
      const factors = metric === 'attack_succeeded' ? { ...cell, [STOPPED_BY]: stoppers.sort().join(' or ') } : cell;
      return [share(counted, name, metric, factors)];
    }),
  );
}
