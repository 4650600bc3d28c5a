/** Cost and lag of each arm at one size of fleet, and the Pareto-optimal arms. Pure. */

import { referencePair } from '../../../core/results/arms.ts';
import { otherArmOf } from '../../../core/results/other-arm.ts';
import { type PairedRatios, pairedRatios } from '../../../core/results/paired-ratios.ts';
import { endsAtOnce } from '../../../core/results/sampled.ts';
import type { Figure } from '../../../core/results/schema.ts';
import type { Interval } from '../../../core/stats/interval.ts';
import { factorNumber, figuresOf, tollFigures } from '../../view/figures.ts';
import type { ReportView } from '../../view/view.ts';
import { type ArmLag, armLags } from './figures.ts';

export interface Point {
  readonly lag: ArmLag;
  /** CPU time as a multiple of that of `against`, Redis included if it was measured. */
  readonly cost: Interval;
  /** The measured cost; null for the reference arm. */
  readonly figure: Figure | null;
}

/** One size of fleet. */
export interface Level {
  readonly replicas: number;
  /** The reference arm: costs are multiples of its CPU time. */
  readonly against: string;
  readonly points: readonly Point[];
  /** Null if no two arms were compared in the same blocks. */
  readonly pairs: PairedRatios | null;
}

/** The cost of a request on one replica, from the experiment `toll`. */
export function singleLevel(view: ReportView): Level {
  const whole = tollFigures(view.run, 'total_cpu_ratio_to_baseline');
  const costs = whole.length > 0 ? whole : tollFigures(view.run, 'cpu_ratio_to_baseline');
  const points = armLags(view).flatMap((lag): Point[] => {
    const figure = costs.find(({ arm }) => arm === lag.arm);
    return figure === undefined ? [] : [{ lag, cost: figure, figure }];
  });
  return { replicas: 1, against: 'the baseline', points, pairs: view.ranking?.costs ?? null };
}

const UNIT: Interval = { value: 1, low: 1, high: 1 };

/** Costs in the largest fleet with a comparison, from the experiment `scale`; null if there is none. */
export function fleetLevel(view: ReportView): Level | null {
  const plain = figuresOf(view.run, 'scale', 'total_cpu_ratio_to_arm').filter(({ factors }) =>
    Object.keys(factors).every((name) => name === 'replicas' || name === 'against'),
  );
  const replicas = Math.max(0, ...plain.map((figure) => factorNumber(figure, 'replicas') ?? 0));
  const own = plain.filter((figure) => factorNumber(figure, 'replicas') === replicas);
  const pairs = replicas > 1 ? pairedRatios(own) : null;
  const names = [...new Set(own.flatMap((figure) => [figure.arm ?? '', otherArmOf(figure)]))];
  const token = referencePair(view.run.arms)?.token ?? '';
  const against = names.includes(token) ? token : (pairs?.ranking('smaller')?.arms[0]?.arm ?? null);
  if (pairs === null || against === null) return null;
  const points = armLags(view).flatMap((lag): Point[] => {
    if (lag.arm === against) return [{ lag, cost: UNIT, figure: null }];
    const ratio = pairs.between(lag.arm, against)?.ratio ?? null;
    return ratio === null ? [] : [{ lag, cost: ratio, figure: ratio }];
  });
  return { replicas, against, points, pairs };
}

/** Whether the first ends no later than the second, according to their intervals; nothing ends sooner than at once. */
const noLater = (a: ArmLag, b: ArmLag) => endsAtOnce(a.max) || a.max.value === b.max.value || a.max.high < b.max.low;

/** Shown to cost less in the same blocks, and to end no later. */
function beats(a: Point, b: Point, pairs: PairedRatios | null): boolean {
  return pairs?.between(a.lag.arm, b.lag.arm)?.outcome === 'less' && noLater(a.lag, b.lag);
}

/** The points that no other is known to dominate, the cheapest first. */
export function unbeaten({ points, pairs }: Level): Point[] {
  const left = points.filter((one) => !points.some((other) => beats(other, one, pairs)));
  return left.toSorted((a, b) => a.cost.value - b.cost.value);
}

/** Whether any two of its arms are known to differ in cost: an arm without comparisons cannot be dominated. */
export function hasOrder({ points, pairs }: Level): boolean {
  const outcomes = points.flatMap(({ lag: a }) =>
    points.map(({ lag: b }) => (a === b ? null : pairs?.between(a.arm, b.arm)?.outcome)),
  );
  return outcomes.includes('less');
}
