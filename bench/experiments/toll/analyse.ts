/** From the toll's slices to its figures. Pure. */

import { namesOfRole } from '../../../core/results/arms.ts';
import type { Figure, Slice } from '../../../core/results/schema.ts';
import { STANDARD_IN_FLIGHT } from '../../../core/results/standard-load.ts';
import type { Estimate } from '../../../core/stats/interval.ts';
import { geometricMean, pairedRatio } from '../../../core/stats/ratio.ts';
import { formatFixed } from '../../../core/text/format.ts';
import { Cell } from '../../analysis/cell.ts';
import { costFigures, ratioPairs, redisCostFigures, usable } from '../../analysis/costs.ts';
import { WIDE } from '../../analysis/figure.ts';
import { seedsOf } from '../../analysis/seeds.ts';
import type { AnalysisContext } from '../../measuring/experiment.ts';
import { flagsOf } from '../../measuring/slices.ts';

const armOf = ({ arm }: Slice) => arm ?? '';

/** @param slices of one arm at one load */
function cellOf(context: AnalysisContext, slices: readonly Slice[], baselines: readonly Slice[] = []): Cell {
  const [first] = slices;
  const arm = first?.arm ?? '';
  return new Cell({
    subject: { experiment: 'toll', arm, factors: first?.factors ?? {} },
    slices,
    baselines,
    seeds: seedsOf(context, `toll ${arm}`),
  });
}

/** Every pair of guarded arms, so that a report can say which of them are indistinguishable. */
function againstEachOther(level: readonly Slice[], context: AnalysisContext): Figure[] {
  const unguarded = [...namesOfRole(context.arms, 'baseline'), ...namesOfRole(context.arms, 'control')];
  const guarded = usable(level.filter(({ arm }) => arm !== null && !unguarded.includes(arm)));
  const arms = [...Map.groupBy(guarded, armOf)];
  return arms.flatMap(([, slices], index) =>
    arms.slice(index + 1).flatMap(([against, others]) => {
      const cell = cellOf(context, slices);
      const options = { factors: { against }, flags: flagsOf([...slices, ...others]) };
      return [
        ...cell.paired('cpu_ratio_to_arm', { ...options, label: `against ${against}` }, others),
        ...cell.paired('total_cpu_ratio_to_arm', { ...options, label: `total against ${against}` }, others),
      ];
    }),
  );
}

export function analyseToll(slices: readonly Slice[], context: AnalysisContext): readonly Figure[] {
  const ofMode = (mode: Slice['mode']) => slices.filter((slice) => slice.mode === mode);
  const counted = ofMode('count');
  const levels = [...Map.groupBy(ofMode('paired'), ({ factors }) => factors.in_flight)];
  const paired = levels.flatMap(([inFlight, level]) => {
    const baselines = level.filter(({ arm }) => arm === context.baseline);
    const costs = [...Map.groupBy(level, armOf)].flatMap(([arm, own]) => {
      const cell = cellOf(context, own, baselines);
      const isShared = own.some(({ measures }) => !('redis_commands' in measures));
      const alone = counted.filter((slice) => slice.arm === arm && slice.factors.in_flight === inFlight);
      const isBaseline = arm === context.baseline;
      return [
        ...costFigures(cell, isBaseline),
        ...redisCostFigures(isShared ? cell.of(alone) : cell),
        ...(isBaseline ? [] : cell.paired('total_cpu_ratio_to_baseline', { targetHalfWidth: WIDE.cost })),
      ];
    });
    return inFlight === STANDARD_IN_FLIGHT ? [...costs, ...againstEachOther(level, context)] : costs;
  });
  const atSaturation = [...Map.groupBy(ofMode('closed'), armOf).values()].flatMap((own) =>
    cellOf(context, own).quotient('throughput_rps'),
  );
  return [...paired, ...atSaturation];
}

function pairsByArm(
  slices: readonly Slice[],
  baseline: string,
): { readonly arm: string; readonly pairs: ReturnType<typeof ratioPairs> }[] {
  const good = usable(slices.filter(({ mode }) => mode === 'paired'));
  return [...Map.groupBy(good, ({ factors }) => factors.in_flight).values()].flatMap((level) => {
    const baselines = level.filter(({ arm }) => arm === baseline);
    return [...Map.groupBy(level, armOf)]
      .filter(([arm]) => arm !== baseline && baselines.length > 0)
      .map(([arm, own]) => ({ arm, pairs: ratioPairs(own, baselines) }));
  });
}

/** Every arm's ratio to the baseline, at every level; none without a baseline. */
export function ratioEstimates(slices: readonly Slice[], baseline: string, seed: number): readonly Estimate[] {
  return pairsByArm(slices, baseline).map(({ pairs }) => pairedRatio(pairs, { seed }));
}

/** The ratios so far, for the progress line: `CPU ÷ baseline: session-redis 2.91× · jwt-hs256 1.58×`. */
export function liveRatios(slices: readonly Slice[], baseline: string): string {
  const ratios = pairsByArm(slices, baseline)
    .map(
      ({ arm, pairs }) =>
        `${arm} ${formatFixed(geometricMean(pairs.flat().map(({ value, baseline }) => value / baseline)), 2)}×`,
    )
    .join(' · ');
  return ratios === '' ? '' : `CPU ÷ baseline: ${ratios}`;
}
