/** Turns the toll's slices into figures. Pure. */

import { unguardedNames } from '../../../core/results/arms.ts';
import type { Figure, Slice } from '../../../core/results/schema.ts';
import { STANDARD_IN_FLIGHT } from '../../../core/results/standard-load.ts';
import type { Estimate } from '../../../core/stats/interval.ts';
import type { PooledRatios } from '../../../core/stats/pooled.ts';
import { geometricMean } from '../../../core/stats/ratio.ts';
import { formatFixed } from '../../../core/text/format.ts';
import { Cell } from '../../analysis/cell.ts';
import { costFigures, postgresCostFigures, ratioPairs, redisCostFigures, usable } from '../../analysis/costs.ts';
import { WIDE } from '../../analysis/figure.ts';
import { quotientOf } from '../../analysis/quotients.ts';
import { seedsOf } from '../../analysis/seeds.ts';
import type { AnalysisContext } from '../../measuring/experiment.ts';
import { flagsOf, perBlock } from '../../measuring/slices.ts';
import { clientFigures } from './clients.ts';
import { tollRatios } from './ratios.ts';

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

/** Ratios at one load: of the replica's CPU time, and of that of replica and Redis together. */
interface LevelRatios {
  readonly replica: PooledRatios;
  readonly total: PooledRatios;
}

function ratiosAt(level: readonly Slice[], context: AnalysisContext): LevelRatios {
  const [first] = level;
  const seeds = seedsOf(context, 'toll ratios', String(first?.factors.in_flight));
  const of = (cost: 'cpu_us_per_request' | 'total_cpu_us_per_request') =>
    tollRatios(level, context.baseline, quotientOf(cost), seeds(cost));
  return { replica: of('cpu_us_per_request'), total: of('total_cpu_us_per_request') };
}

/** Every pair of guarded arms, so that a report can say which of them are indistinguishable. */
function againstEachOther(
  level: readonly Slice[],
  { replica, total }: LevelRatios,
  context: AnalysisContext,
): Figure[] {
  const unguarded = unguardedNames(context.arms);
  const guarded = usable(level.filter(({ arm }) => arm !== null && !unguarded.includes(arm)));
  const arms = [...Map.groupBy(guarded, armOf)];
  return arms.flatMap(([arm, slices], index) =>
    arms.slice(index + 1).flatMap(([against, others]) => {
      const cell = cellOf(context, slices);
      const options = { factors: { against }, flags: flagsOf([...slices, ...others]) };
      const [ratio, ofTotal] = [replica.toArm(arm, against), total.toArm(arm, against)];
      return [
        ...(ratio === null ? [] : [cell.figure('cpu_ratio_to_arm', ratio, options)]),
        ...(ofTotal === null ? [] : [cell.figure('total_cpu_ratio_to_arm', ofTotal, options)]),
      ];
    }),
  );
}

/** The cost of an arm beyond an unguarded request of its own server, in the same blocks. */
function aboveTwins(level: readonly Slice[], { replica }: LevelRatios, context: AnalysisContext): Figure[] {
  return context.arms.flatMap(({ name: twin, twinOf: arm }) => {
    if (arm === undefined) return [];
    const [own, others] = [arm, twin].map((wanted) => level.filter((slice) => slice.arm === wanted));
    if (own === undefined || others === undefined || own.length === 0 || others.length === 0) return [];
    const cell = cellOf(context, own, others);
    const options = { flags: flagsOf([...own, ...others]) };
    const ratio = replica.toArm(arm, twin);
    return [
      ...cell.paired('cpu_own_toll_us', { ...options, label: 'own toll' }),
      ...(ratio === null ? [] : [cell.figure('cpu_ratio_to_twin', ratio, options)]),
    ];
  });
}

export function analyseToll(slices: readonly Slice[], context: AnalysisContext): readonly Figure[] {
  const ofMode = (mode: Slice['mode']) => slices.filter((slice) => slice.mode === mode);
  const counted = ofMode('count');
  const levels = [...Map.groupBy(ofMode('paired'), ({ factors }) => factors.in_flight)];
  const paired = levels.flatMap(([inFlight, processes]) => {
    const ratios = ratiosAt(processes, context);
    const level = perBlock(processes);
    const baselines = level.filter(({ arm }) => arm === context.baseline);
    const costs = [...Map.groupBy(level, armOf)].flatMap(([arm, own]) => {
      const cell = cellOf(context, own, baselines);
      const isShared = own.some(({ measures }) => !('redis_cpu_ns' in measures));
      const alone = counted.filter((slice) => slice.arm === arm && slice.factors.in_flight === inFlight);
      const isBaseline = arm === context.baseline;
      const total = isBaseline ? null : ratios.total.toBaseline(arm);
      return [
        ...costFigures(cell, isBaseline, isBaseline ? null : ratios.replica.toBaseline(arm)),
        ...redisCostFigures(isShared ? cell.of(alone) : cell),
        ...postgresCostFigures(cell.of(alone)),
        ...(total === null
          ? []
          : [
              cell.figure('total_cpu_ratio_to_baseline', total, {
                targetHalfWidth: WIDE.cost,
                flags: cell.comparedFlags(),
              }),
            ]),
      ];
    });
    const own = [...aboveTwins(level, ratios, context), ...clientFigures(level, context)];
    if (inFlight !== STANDARD_IN_FLIGHT) return [...costs, ...own];
    return [...costs, ...own, ...againstEachOther(level, ratios, context)];
  });
  const atSaturation = [...Map.groupBy(ofMode('closed'), armOf).values()].flatMap((own) =>
    cellOf(context, own).quotient('throughput_rps'),
  );
  return [...paired, ...atSaturation];
}

/** Every arm's ratio to the baseline, at every level; none without a baseline. */
export function ratioEstimates(slices: readonly Slice[], baseline: string, seed: number): readonly Estimate[] {
  return toBaseline(slices, baseline, seed).map(({ ratio }) => ratio);
}

function toBaseline(
  slices: readonly Slice[],
  baseline: string,
  seed: number,
): { readonly arm: string; readonly ratio: Estimate }[] {
  const good = slices.filter(({ mode }) => mode === 'paired');
  return [...Map.groupBy(good, ({ factors }) => factors.in_flight).values()].flatMap((level) => {
    const ratios = tollRatios(level, baseline, quotientOf('cpu_us_per_request'), seed);
    const arms = [...new Set(level.map(armOf))].filter((arm) => arm !== baseline);
    return arms.flatMap((arm) => {
      const ratio = ratios.toBaseline(arm);
      return ratio === null ? [] : [{ arm, ratio }];
    });
  });
}

/** The ratios so far, for the progress line: `CPU ÷ baseline: session-redis 2.91× · jwt-hs256 1.58×`. */
export function liveRatios(slices: readonly Slice[], baseline: string): string {
  const level = perBlock(slices.filter(({ mode }) => mode === 'paired'));
  const baselines = level.filter(({ arm }) => arm === baseline);
  const levels = baselines.length === 0 ? [] : [...Map.groupBy(level, ({ factors }) => factors.in_flight).values()];
  const ratios = levels
    .flatMap((own) => [...Map.groupBy(own, armOf)].filter(([arm]) => arm !== baseline))
    .map(([arm, own]) => {
      const inFlight = own[0]?.factors.in_flight;
      const pairs = ratioPairs(
        own,
        baselines.filter(({ factors }) => factors.in_flight === inFlight),
      ).flat();
      return `${arm} ${formatFixed(geometricMean(pairs.map(({ value, baseline }) => value / baseline)), 2)}×`;
    })
    .join(' · ');
  return ratios === '' ? '' : `CPU ÷ baseline: ${ratios}`;
}
