/**
 * Throughput at saturation by our own generator and by wrk, alternating on the same replicas: how far the figures of
 * `scale` depend on the load generator.
 */
import type { Figure, Slice } from '../../../core/results/schema.ts';
import type { Random } from '../../../core/stats/random.ts';
import { Cell } from '../../analysis/cell.ts';
import { throughput } from '../../analysis/quotients.ts';
import { seedsOf } from '../../analysis/seeds.ts';
import type { AnalysisContext } from '../../measuring/experiment.ts';
import { flagsOf, paired } from '../../measuring/slices.ts';

/** The factor `engine` of our own generator. */
export const OWN = 'tollgate';
export const ENGINES = [OWN, 'wrk'] as const;
export type Engine = (typeof ENGINES)[number];

/** Whether a slice belongs only to this comparison. */
export function isSecondOpinion({ factors }: Pick<Slice, 'factors'>): boolean {
  return factors.engine !== undefined;
}

/** The random order of the engines in a turn. */
export function engineOrder(random: Random): readonly Engine[] {
  return random.shuffle([...ENGINES]);
}

/** Both throughputs of each cell, and our own as a multiple of the other in the same turns. Pure. */
export function secondOpinionFigures(closed: readonly Slice[], context: AnalysisContext): Figure[] {
  const cells = Map.groupBy(closed.filter(isSecondOpinion), ({ arm, factors }) =>
    JSON.stringify([arm, Number(factors.replicas)]),
  );
  return [...cells.values()].flatMap((slices) => {
    const [first] = slices;
    if (first === undefined) return [];
    const { arm, factors } = first;
    const replicas = Number(factors.replicas);
    const seeds = seedsOf(context, `scale engines ${arm} ${replicas}`);
    const cell = new Cell({ subject: { experiment: 'scale', arm, factors: { replicas } }, slices, seeds });
    const by = (engine: Engine) => slices.filter((slice) => slice.factors.engine === engine);
    const rates = ENGINES.flatMap((engine) => {
      const one = cell.of(by(engine));
      const rate = one.estimateQuotient('throughput_rps', engine);
      return rate === null ? [] : [one.figure('engine_throughput_rps', rate, { factors: { engine } })];
    });
    const pairs = paired(by(OWN), by('wrk')).map((fork) =>
      fork.map(({ slice, baseline }) => ({ value: throughput(slice), baseline: throughput(baseline) })),
    );
    const isUsable = pairs.flat().every(({ value, baseline }) => value > 0 && baseline > 0);
    const options = { factors: { engine: 'wrk' }, flags: flagsOf(slices) };
    return [...rates, ...(isUsable ? cell.compared('throughput_ratio_to_engine', 'ratio', pairs, options) : [])];
  });
}
