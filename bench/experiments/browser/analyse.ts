/** Turns trials in a browser into figures: counted shares, and what stopped failed attacks. Pure. */
import type { NumberMeasure } from '../../../core/results/measures.ts';
import type { Metric } from '../../../core/results/metrics.ts';
import type { Factors, Figure, Slice } from '../../../core/results/schema.ts';
import { Cell } from '../../analysis/cell.ts';
import { seedsOf } from '../../analysis/seeds.ts';
import type { AnalysisContext } from '../../measuring/experiment.ts';
import { measure } from '../../measuring/slices.ts';

/** The measure of a trial's slice, and its figure. */
const SHARES = [
  { measure: 'succeeded', metric: 'attack_succeeded' },
  { measure: 'credential_sent', metric: 'credential_sent' },
  { measure: 'cross_origin_works', metric: 'cross_origin_works' },
  { measure: 'plain_client_works', metric: 'plain_client_works' },
] as const satisfies readonly { measure: NumberMeasure; metric: Metric }[];

/** The outcome among a trial's factors: it does not distinguish cells. */
const STOPPED_BY = 'stopped_by';

function cellOf({ stopped_by: _outcome, ...cell }: Factors): Factors {
  return cell;
}

/** One figure for each cell and metric; for an attack also what stopped it, with every outcome if trials differ. */
export function analyseBrowser(slices: readonly Slice[], context: AnalysisContext): readonly Figure[] {
  const cells = Map.groupBy(slices, ({ arm, factors }) => JSON.stringify([arm, cellOf(factors)]));
  return [...cells.values()].flatMap((trials) =>
    SHARES.flatMap(({ measure: name, metric }) => {
      const counted = trials.filter(({ measures }) => measures[name] !== undefined);
      const [first] = counted;
      if (first === undefined) return [];
      const cell = new Cell({
        subject: { experiment: 'browser', arm: first.arm, factors: cellOf(first.factors) },
        slices: counted,
        seeds: seedsOf(context, 'browser'),
      });
      const stoppers = [...new Set(counted.map(({ factors }) => factors[STOPPED_BY]))].filter(
        (one) => one !== undefined,
      );
      const factors = metric === 'attack_succeeded' ? { [STOPPED_BY]: stoppers.sort().join(' or ') } : {};
      const share = counted.reduce((sum, trial) => sum + measure(trial, name), 0) / counted.length;
      // Every trial was counted; none is a sample of others.
      return [cell.counted(metric, share, { factors, isExact: true })];
    }),
  );
}
