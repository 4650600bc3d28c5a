/** From the toll's slices to its figures. Pure. */
import type { Figure, Slice } from '../../../core/results/schema.ts';
import type { Estimate } from '../../../core/stats/estimate.ts';
import { createRandom } from '../../../core/stats/random.ts';
import { geometricMean, pairedRatio } from '../../../core/stats/ratio.ts';
import { CellAnalysis, ratioPairs, usable } from '../../analysis/cell-analysis.ts';
import { figure } from '../../analysis/figure.ts';
import type { AnalysisContext } from '../../measuring/experiment.ts';
import { flagsOf } from '../../measuring/slices.ts';

/** The load at which arms are ranked: the one that every profile measures. */
const RANKED_IN_FLIGHT = 10;

/** Every pair of guarded arms, so that a report can say which of them cannot be told apart. */
function againstEachOther(level: readonly Slice[], context: AnalysisContext): Figure[] {
  const guarded = usable(level.filter(({ arm }) => arm !== null && !arm.startsWith(context.baseline)));
  const arms = [...Map.groupBy(guarded, (slice) => slice.arm ?? '')];
  return arms.flatMap(([one, slices], index) =>
    arms.slice(index + 1).flatMap(([other, others]) => {
      const pairs = ratioPairs(slices, others);
      if (pairs.length === 0) return [];
      const seed = createRandom(context.config.seed)
        .derive(`toll ${one} against ${other}`)
        .integer(2 ** 31);
      const factors = { in_flight: RANKED_IN_FLIGHT, against: other };
      const flags = flagsOf([...slices, ...others]);
      return [
        figure({ experiment: 'toll', arm: one, factors }, 'cpu_ratio_to_arm', pairedRatio(pairs, { seed }), { flags }),
      ];
    }),
  );
}

export function analyseToll(slices: readonly Slice[], context: AnalysisContext): readonly Figure[] {
  const figures: Figure[] = [];
  const ofMode = (mode: Slice['mode']) => slices.filter((slice) => slice.mode === mode);
  for (const [, level] of Map.groupBy(ofMode('paired'), (slice) => slice.factors.in_flight)) {
    const baselines = level.filter(({ arm }) => arm === context.baseline);
    for (const [arm, own] of Map.groupBy(level, (slice) => slice.arm ?? '')) {
      const factors = own[0]?.factors ?? {};
      const analysis = new CellAnalysis(context, { experiment: 'toll', arm, factors }, own, baselines);
      const counted = ofMode('count').filter(
        (slice) => slice.arm === arm && slice.factors.in_flight === factors.in_flight,
      );
      const shared = own.some((slice) => !('redis_commands' in slice.measures));
      figures.push(...analysis.figures(), ...analysis.redisFigures(shared ? counted : own));
    }
    if (level[0]?.factors.in_flight === RANKED_IN_FLIGHT) figures.push(...againstEachOther(level, context));
  }
  for (const [arm, own] of Map.groupBy(ofMode('closed'), (slice) => slice.arm ?? '')) {
    const subject = { experiment: 'toll', arm, factors: own[0]?.factors ?? {} };
    figures.push(...new CellAnalysis(context, subject, own, []).throughput(own));
  }
  return figures;
}

function pairsByArm(
  slices: readonly Slice[],
  baseline: string,
): { readonly arm: string; readonly pairs: ReturnType<typeof ratioPairs> }[] {
  const good = usable(slices.filter((slice) => slice.mode === 'paired'));
  const result: { arm: string; pairs: ReturnType<typeof ratioPairs> }[] = [];
  for (const [, level] of Map.groupBy(good, (slice) => slice.factors.in_flight)) {
    const baselines = level.filter(({ arm }) => arm === baseline);
    for (const [arm, own] of Map.groupBy(level, (slice) => slice.arm ?? '')) {
      if (arm !== baseline && baselines.length > 0) result.push({ arm, pairs: ratioPairs(own, baselines) });
    }
  }
  return result;
}

/** Every arm's ratio to the baseline, at every level; none without a baseline. */
export function ratioEstimates(slices: readonly Slice[], baseline: string, seed: number): readonly Estimate[] {
  return pairsByArm(slices, baseline).map(({ pairs }) => pairedRatio(pairs, { seed }));
}

/** The ratios so far, for the progress line: `session-redis 2.91× · jwt-hs256 1.58×`. */
export function liveRatios(slices: readonly Slice[], baseline: string): string {
  return pairsByArm(slices, baseline)
    .map(
      ({ arm, pairs }) =>
        `${arm} ${geometricMean(pairs.flat().map(({ value, baseline }) => value / baseline)).toFixed(2)}×`,
    )
    .join(' · ');
}
