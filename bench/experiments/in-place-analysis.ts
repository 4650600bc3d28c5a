/** From servers that do a primitive for each request to what it costs there, and how far each toll is from that. Pure. */
import { coreOf } from '../micro/parts.ts';
import type { Flag } from '../results/flags.ts';
import type { Figure, Slice } from '../results/schema.ts';
import type { Estimate } from '../stats/estimate.ts';
import { createRandom } from '../stats/random.ts';
import { pairedDifference, pairedRatio } from '../stats/ratio.ts';
import { ratioPairs, usable } from './cell-analysis.ts';
import type { AnalysisContext } from './experiment.ts';
import { figure } from './figure.ts';
import { flagsOf } from './slices.ts';

/** Requests in flight, as in the toll that is compared. */
export const IN_FLIGHT = 10;
/** Names what a server did for each request besides: a primitive, or nothing. */
export const WORK_FACTOR = 'work';
export const NO_WORK = 'nothing';

/** Whether a slice is of a server that does a primitive for each request, or of the one beside it that does not. */
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
  const costs: Figure[] = [];
  const inPlace = new Map<string, InPlace>();
  for (const primitive of names.sort()) {
    const pairs = ratioPairs(of(primitive), without);
    if (pairs.length === 0) continue;
    const seed = createRandom(context.config.seed)
      .fork(`in place ${primitive}`)
      .integer(2 ** 31);
    const subject = { experiment, arm: null, factors: { primitive } };
    const flags = flagsOf([...of(primitive), ...without]);
    costs.push(figure(subject, 'primitive_in_place_us', pairedDifference(pairs, { seed }), { flags }));
    inPlace.set(primitive, { ratio: pairedRatio(pairs, { seed }), flags });
  }
  return [...costs, ...ratios.flatMap((ratio) => overPrimitives(ratio, inPlace, experiment))];
}

/** A server that does a primitive, as a multiple of the one beside it that does not. */
interface InPlace {
  readonly ratio: Estimate;
  readonly flags: readonly Flag[];
}

/**
 * A toll over what its scheme cannot do without, each as a multiple of the baseline beside it: minutes lie between the two, and
 * by then the machine may have another speed. Bounds are by interval arithmetic (Moore 1966), as they were measured in
 * different processes: never too narrow.
 */
function overPrimitives(arm: Figure, inPlace: ReadonlyMap<string, InPlace>, experiment: string): Figure[] {
  if (arm.arm === null) return [];
  const names = coreOf(arm.arm);
  const cores = names.flatMap((name) => inPlace.get(name) ?? []);
  // A cost that may be nothing is nothing to compare with.
  if (cores.length === 0 || cores.length < names.length || cores.some(({ ratio }) => ratio.low <= 1)) return [];
  const sum = (end: 'value' | 'low' | 'high') => cores.reduce((total, { ratio }) => total + ratio[end] - 1, 0);
  const toll = { value: arm.value - 1, low: arm.low - 1, high: arm.high - 1 };
  const estimate: Estimate = {
    value: toll.value / sum('value'),
    low: Math.min(toll.low / sum('low'), toll.low / sum('high')),
    high: Math.max(toll.high / sum('low'), toll.high / sum('high')),
    confidence: arm.confidence,
    blocks: arm.blocks,
    forks: Math.min(arm.forks, ...cores.map(({ ratio }) => ratio.forks)),
  };
  const flags = [...new Set([...arm.flags, ...cores.flatMap((core) => core.flags)])];
  const subject = { experiment, arm: arm.arm, factors: {} };
  return [figure(subject, 'toll_to_primitive_in_place_ratio', estimate, { flags })];
}
