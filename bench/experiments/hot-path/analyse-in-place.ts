/**
 * Turns slices of servers that run primitives for each request into the primitives' costs there, and compares them
 * with tolls. Pure.
 */

import type { Flag } from '../../../core/results/flags.ts';
import type { Figure, Slice } from '../../../core/results/schema.ts';
import type { Estimate } from '../../../core/stats/interval.ts';
import { Cell } from '../../analysis/cell.ts';
import { usable } from '../../analysis/costs.ts';
import { figure } from '../../analysis/figure.ts';
import { seedsOf } from '../../analysis/seeds.ts';
import type { AnalysisContext } from '../../measuring/experiment.ts';
import { flagsOf } from '../../measuring/slices.ts';
import { coreOf, nameOfWork, primitivesOf } from '../../micro/parts.ts';

/** Names the additional work of a server per request: a primitive, several, or nothing. */
export const WORK_FACTOR = 'work';
export const NO_WORK = 'nothing';

/** Whether a slice is of a server that runs a primitive for each request, or of its baseline. */
export function isInPlace({ mode, factors }: Slice): boolean {
  return mode === 'paired' && WORK_FACTOR in factors;
}

/** @param ratios CPU time per request of each arm as a multiple of the baseline's, of the same run */
export function analyseInPlace(
  slices: readonly Slice[],
  ratios: readonly Figure[],
  context: AnalysisContext,
  experiment: string,
): Figure[] {
  const own = usable(slices.filter(isInPlace));
  const of = (work: string) => own.filter(({ factors }) => factors[WORK_FACTOR] === work);
  const without = of(NO_WORK);
  const names = [...new Set(own.map(({ factors }) => String(factors[WORK_FACTOR])))].filter((name) => name !== NO_WORK);
  const inPlace = new Map<string, InPlace>();
  for (const work of names.sort()) {
    const cell = new Cell({
      subject: { experiment, arm: null, factors: {} },
      slices: of(work),
      baselines: without,
      seeds: seedsOf(context, 'in place'),
      flags: flagsOf(without),
    });
    const cost = cell.estimatePaired('parts_in_place_us', work);
    const ratio = cell.estimatePaired('cpu_ratio_to_baseline', work);
    if (cost !== null && ratio !== null) inPlace.set(work, { cost, ratio, flags: cell.flags });
  }
  const hotPathOf = ({ arm }: Figure) => context.arms.find(({ name }) => name === arm)?.hotPath ?? [];
  return [
    ...[...inPlace].flatMap(([work, { cost, flags }]) =>
      isOne(work)
        ? [figure({ experiment, arm: null, factors: { primitive: work } }, 'primitive_in_place_us', cost, { flags })]
        : [],
    ),
    ...ratios.flatMap((ratio) => [
      ...overPrimitives(ratio, hotPathOf(ratio), inPlace, experiment),
      ...overParts(ratio, hotPathOf(ratio), inPlace, experiment),
    ]),
  ];
}

const isOne = (work: string) => primitivesOf(work).length === 1;

/** A server with additional work per request and its baseline: the cost of the work in µs, and as a multiple. */
interface InPlace {
  readonly cost: Estimate;
  readonly ratio: Estimate;
  readonly flags: readonly Flag[];
}

/** A toll divided by the cost of its scheme's essential primitives. */
function overPrimitives(
  arm: Figure,
  hotPath: readonly string[],
  inPlace: ReadonlyMap<string, InPlace>,
  experiment: string,
): Figure[] {
  const names = coreOf(hotPath);
  const cores = names.flatMap((name) => inPlace.get(name) ?? []);
  if (cores.length < names.length) return [];
  const over = tollOver(arm, cores);
  if (over === null) return [];
  const subject = { experiment, arm: arm.arm, factors: {} };
  return [figure(subject, 'toll_to_primitive_in_place_ratio', over.estimate, over)];
}

/** The total cost of an arm's parts, and its toll divided by that. */
function overParts(
  arm: Figure,
  hotPath: readonly string[],
  inPlace: ReadonlyMap<string, InPlace>,
  experiment: string,
): Figure[] {
  const parts = inPlace.get(nameOfWork(hotPath));
  if (parts === undefined) return [];
  const subject = { experiment, arm: arm.arm, factors: {} };
  const over = tollOver(arm, [parts]);
  return [
    figure(subject, 'parts_in_place_us', parts.cost, parts),
    ...(over === null ? [] : [figure(subject, 'toll_to_parts_in_place_ratio', over.estimate, over)]),
  ];
}

/**
 * A toll divided by the total cost of the work, each as a multiple of its own baseline, since minutes lie between the
 * two measurements and the machine's speed may have changed. Bounds are by interval arithmetic (Moore 1966), as they
 * come from different processes: never too narrow. @returns null if there is no cost, or its interval includes zero
 */
function tollOver(
  arm: Figure,
  costs: readonly InPlace[],
): { readonly estimate: Estimate; readonly flags: readonly Flag[] } | null {
  if (costs.length === 0 || costs.some(({ ratio }) => ratio.low <= 1)) return null;
  const sum = (end: 'value' | 'low' | 'high') => costs.reduce((total, { ratio }) => total + ratio[end] - 1, 0);
  const toll = { value: arm.value - 1, low: arm.low - 1, high: arm.high - 1 };
  const estimate: Estimate = {
    value: toll.value / sum('value'),
    low: Math.min(toll.low / sum('low'), toll.low / sum('high')),
    high: Math.max(toll.high / sum('low'), toll.high / sum('high')),
    confidence: arm.confidence,
    blocks: arm.blocks,
    forks: Math.min(arm.forks, ...costs.map(({ ratio }) => ratio.forks)),
  };
  return { estimate, flags: [...new Set([...arm.flags, ...costs.flatMap(({ flags }) => flags)])] };
}
