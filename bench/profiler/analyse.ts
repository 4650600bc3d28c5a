/** Computes figures from profiled slices: µs per request and package, and their difference from the baseline. Pure. */

import type { Flag } from '../../core/results/flags.ts';
import type { Figure, Slice } from '../../core/results/schema.ts';
import { STANDARD_IN_FLIGHT } from '../../core/results/standard-load.ts';
import { estimate } from '../../core/stats/estimate.ts';
import type { Estimate } from '../../core/stats/interval.ts';
import { type Pair, pairedRatio } from '../../core/stats/ratio.ts';
import { Cell } from '../analysis/cell.ts';
import { drifted } from '../analysis/costs.ts';
import { seedsOf } from '../analysis/seeds.ts';
import type { AnalysisContext } from '../measuring/experiment.ts';
import { factorsOf } from './bucket.ts';
import { type ForkCost, foldSmall, forkCosts } from './costs.ts';

/** @param baseline costs of the baseline in the same forks; none for the baseline itself */
function figuresOf(
  cell: Cell,
  forks: readonly ForkCost[],
  baseline: readonly ForkCost[],
  toll: Figure | null,
): Figure[] {
  const buckets = [...(forks[0]?.byBucket.keys() ?? [])];
  const perFork = (of: (cost: ForkCost) => number) => forks.map((cost) => [of(cost)]);
  const own = [
    ...buckets.flatMap((bucket) =>
      cell.meanOf(
        'profile_us',
        perFork(({ byBucket }) => byBucket.get(bucket) ?? 0),
        // Time cannot be negative, whatever Student's t gives for a small bucket.
        { label: bucket, factors: factorsOf(bucket), atLeast: 0 },
      ),
    ),
    ...cell.meanOf(
      'profiler_overhead_pct',
      perFork(({ plainUs, profiledUs }) => 100 * (profiledUs / plainUs - 1)),
      { label: 'overhead' },
    ),
  ];
  const pairs = forks.flatMap((cost) => {
    const beside = baseline.find(({ fork }) => fork === cost.fork);
    return beside === undefined ? [] : [{ cost, beside }];
  });
  return pairs.length === 0 ? own : [...own, ...againstBaseline(cell, pairs, buckets, toll)];
}

/** An arm and the baseline in one fork. */
interface CostPair {
  readonly cost: ForkCost;
  readonly beside: ForkCost;
}

function againstBaseline(
  cell: Cell,
  pairs: readonly CostPair[],
  buckets: readonly string[],
  toll: Figure | null,
): Figure[] {
  const paired = (of: (cost: ForkCost) => number) =>
    pairs.map(({ cost, beside }) => [{ value: of(cost), baseline: of(beside) }]);
  const tolls = buckets.flatMap((bucket) =>
    cell.compared(
      'profile_toll_us',
      'difference',
      paired(({ byBucket }) => byBucket.get(bucket) ?? 0),
      { label: `toll ${bucket}`, factors: factorsOf(bucket) },
    ),
  );
  // The profiler slows everything down. If it slows an arm down more than the baseline, its shares belong to another
  // toll than the one without it.
  const moved = pairs.map(({ cost, beside }) => {
    const plain = cost.pairedUs - beside.pairedUs;
    return 100 * ((cost.profiledUs - beside.profiledUs - plain) / plain);
  });
  const unprofiled = moved.every(Number.isFinite)
    ? size(
        estimate(
          moved.map((each) => [each]),
          { statistic: 'mean', seed: cell.seed('moved') },
        ),
      )
    : null;
  return [
    ...tolls,
    ...(unprofiled === null
      ? []
      : [cell.figure('profile_unexplained_pct', unprofiled, { factors: { against: 'unprofiled' } })]),
    ...(toll === null
      ? []
      : [
          againstToll(
            cell,
            paired(({ pairedUs }) => pairedUs),
            toll,
          ),
        ]),
  ];
}

/**
 * The sum of packages compared with the result of `toll`. The two were measured minutes apart, when the machine may have
 * had different speeds, so each is expressed as a multiple of its own baseline.
 */
function againstToll(cell: Cell, pairs: readonly (readonly Pair[])[], toll: Figure): Figure {
  const sum = pairedRatio(pairs, { seed: cell.seed('sum') });
  const percentOfToll = 100 / (toll.value - 1);
  const fromToll: Estimate = {
    ...sum,
    value: percentOfToll * (sum.value - toll.value),
    low: percentOfToll * (sum.low - toll.high),
    high: percentOfToll * (sum.high - toll.low),
  };
  return cell.figure('profile_unexplained_pct', size(fromToll), {
    factors: { against: 'toll' },
    flags: [...cell.flags, ...toll.flags],
  });
}

/** The arm's ratio to the baseline in `toll`, from this run; null if it cost no more than the baseline. */
function ratioOfToll(earlier: readonly Figure[], arm: string): Figure | null {
  const found = earlier.find(
    (each) =>
      each.experiment === 'toll' &&
      each.metric === 'cpu_ratio_to_baseline' &&
      each.arm === arm &&
      each.factors.in_flight === STANDARD_IN_FLIGHT,
  );
  return found !== undefined && found.value > 1 ? found : null;
}

/** Absolute value; an interval that contains zero begins there. */
export function size(signed: Estimate): Estimate {
  const { value, low, high } = signed;
  const holdsZero = low <= 0 && high >= 0;
  return {
    ...signed,
    value: Math.abs(value),
    low: holdsZero ? 0 : Math.min(Math.abs(low), Math.abs(high)),
    high: Math.max(Math.abs(low), Math.abs(high)),
  };
}

/**
 * @param slices only of profiled servers and of the paired load on them
 *
 * @param experiment name under which the figures appear
 */
export function analyseProfiles(slices: readonly Slice[], context: AnalysisContext, experiment: string): Figure[] {
  const own = slices.filter((slice) => slice.mode === 'profile' || slice.mode === 'paired');
  const names = [...new Set(own.flatMap(({ arm }) => arm ?? []))];
  const measured = names.map((arm) => [arm, forkCosts(own, arm)] as const).filter(([, forks]) => forks.length > 0);
  const arms = foldSmall(new Map(measured));
  const baselines = own.filter(({ arm, mode }) => arm === context.baseline && mode === 'paired');
  const drift: Flag[] = drifted(baselines) ? ['machine-drift'] : [];
  return [...arms].flatMap(([arm, forks]) => {
    const cell = new Cell({
      subject: { experiment, arm, factors: {} },
      slices: own.filter((slice) => slice.arm === arm),
      seeds: seedsOf(context, `profile ${arm}`),
      flags: drift,
    });
    const baseline = arm === context.baseline ? [] : (arms.get(context.baseline) ?? []);
    return figuresOf(cell, forks, baseline, ratioOfToll(context.earlier, arm));
  });
}
