/** From servers that do a primitive for each request to what it costs there, and how far each toll is from that. Pure. */
import { coreOf } from '../micro/parts.ts';
import type { Figure, Slice } from '../results/schema.ts';
import type { Estimate } from '../stats/estimate.ts';
import { createRandom } from '../stats/random.ts';
import { pairedDifference } from '../stats/ratio.ts';
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

/** @param tolls CPU µs per request beyond the baseline's, of the same run */
export function analyseInPlace(
  slices: readonly Slice[],
  tolls: readonly Figure[],
  context: AnalysisContext,
  experiment: string,
): Figure[] {
  const own = usable(slices.filter(isInPlace));
  const of = (work: string) => own.filter(({ factors }) => factors[WORK_FACTOR] === work);
  const without = of(NO_WORK);
  const names = [...new Set(own.map(({ factors }) => String(factors[WORK_FACTOR])))].filter((name) => name !== NO_WORK);
  const costs = new Map<string, Figure>();
  for (const primitive of names.sort()) {
    const pairs = ratioPairs(of(primitive), without);
    if (pairs.length === 0) continue;
    const seed = createRandom(context.config.seed)
      .fork(`in place ${primitive}`)
      .integer(2 ** 31);
    const subject = { experiment, arm: null, factors: { primitive } };
    const flags = flagsOf([...of(primitive), ...without]);
    costs.set(primitive, figure(subject, 'primitive_in_place_us', pairedDifference(pairs, { seed }), { flags }));
  }
  return [...costs.values(), ...tolls.flatMap((toll) => ratioOf(toll, costs, experiment))];
}

/**
 * A toll over what its scheme cannot do without. Bounds are by interval arithmetic (Moore 1966), as the two were measured
 * in different processes: never too narrow.
 */
function ratioOf(toll: Figure, costs: ReadonlyMap<string, Figure>, experiment: string): Figure[] {
  if (toll.arm === null) return [];
  const names = coreOf(toll.arm);
  const cores = names.flatMap((name) => costs.get(name) ?? []);
  // A cost that may be nothing is nothing to compare with.
  if (cores.length === 0 || cores.length < names.length || cores.some(({ low }) => low <= 0)) return [];
  const sum = (of: (core: Figure) => number) => cores.reduce((total, core) => total + of(core), 0);
  const ends = [toll.low / sum(({ low }) => low), toll.low / sum(({ high }) => high)];
  const estimate: Estimate = {
    value: toll.value / sum(({ value }) => value),
    low: Math.min(...ends),
    high: Math.max(toll.high / sum(({ low }) => low), toll.high / sum(({ high }) => high)),
    confidence: toll.confidence,
    blocks: toll.blocks,
    forks: Math.min(toll.forks, ...cores.map(({ forks }) => forks)),
  };
  const flags = [...new Set([...toll.flags, ...cores.flatMap((core) => core.flags)])];
  const subject = { experiment, arm: toll.arm, factors: {} };
  return [figure(subject, 'toll_to_primitive_in_place_ratio', estimate, { flags })];
}
