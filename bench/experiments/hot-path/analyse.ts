/** Turns the micro suite's slices into figures, and compares the sum of parts with the measured toll. Pure. */

import type { Flag } from '../../../core/results/flags.ts';
import type { Metric } from '../../../core/results/metrics.ts';
import type { Figure, Slice } from '../../../core/results/schema.ts';
import { STANDARD_IN_FLIGHT } from '../../../core/results/standard-load.ts';
import type { Estimate, Interval } from '../../../core/stats/interval.ts';
import { Cell } from '../../analysis/cell.ts';
import { figure } from '../../analysis/figure.ts';
import { seedsOf } from '../../analysis/seeds.ts';
import type { AnalysisContext } from '../../measuring/experiment.ts';
import { explain } from '../../micro/parts.ts';
import { analyseProfiles } from '../../profiler/analyse.ts';
import { analyseInPlace, isInPlace } from './analyse-in-place.ts';

export const HOT_PATH = 'hot-path';

/** Figures of `toll` in this run. */
function fromToll(earlier: readonly Figure[], wanted: Metric): readonly Figure[] {
  return earlier.filter(
    ({ experiment, metric, factors }) =>
      experiment === 'toll' && metric === wanted && factors.in_flight === STANDARD_IN_FLIGHT,
  );
}

export function analyseHotPath(slices: readonly Slice[], context: AnalysisContext): readonly Figure[] {
  const figures: Figure[] = [];
  const cpu = new Map<string, Estimate>();
  const flags = new Map<string, readonly Flag[]>();
  const primitives = slices.filter(({ mode }) => mode === 'micro');
  const names = [...new Set(primitives.map(({ factors }) => String(factors.primitive)))].sort();
  for (const primitive of names) {
    const cell = new Cell({
      subject: { experiment: HOT_PATH, arm: null, factors: { primitive } },
      slices: primitives.filter(({ factors }) => factors.primitive === primitive),
      seeds: seedsOf(context, `${HOT_PATH} ${primitive}`),
    });
    figures.push(...cell.quotient('primitive_us', { label: 'wall' }));
    const spent = cell.estimateQuotient('primitive_cpu_us', 'cpu');
    if (spent === null) continue;
    cpu.set(primitive, spent);
    flags.set(primitive, cell.flags);
    figures.push(cell.figure('primitive_cpu_us', spent));
  }
  if (names.length > 0) {
    figures.push(
      ...fromToll(context.earlier, 'cpu_toll_us').flatMap((toll) => explained(toll, { cpu, flags }, context)),
    );
  }
  return [
    ...figures,
    ...analyseInPlace(slices, fromToll(context.earlier, 'cpu_ratio_to_baseline'), context, HOT_PATH),
    ...analyseProfiles(
      slices.filter((slice) => !isInPlace(slice)),
      context,
      HOT_PATH,
    ),
  ];
}

/** The costs of isolated primitives, and their flags. */
interface Primitives {
  readonly cpu: ReadonlyMap<string, Estimate>;
  readonly flags: ReadonlyMap<string, readonly Flag[]>;
}

function explained(toll: Figure, { cpu, flags: ofPrimitives }: Primitives, { arms }: AnalysisContext): Figure[] {
  const hotPath = arms.find(({ name }) => name === toll.arm)?.hotPath ?? [];
  const explanation = explain(hotPath, cpu, toll);
  if (explanation.parts.length === 0) return [];
  const { blocks, forks, confidence, arm } = toll;
  const flagsWith = (names: readonly string[]) => [
    ...new Set([...toll.flags, ...names.flatMap((name) => ofPrimitives.get(name) ?? [])]),
  ];
  const flags = flagsWith(explanation.parts.map(({ primitive }) => primitive));
  const like = (bounds: Interval): Estimate => ({
    ...bounds,
    confidence,
    blocks,
    forks,
  });
  const { toCore } = explanation;
  const ratio =
    toCore === null
      ? []
      : [figure({ experiment: HOT_PATH, arm, factors: {} }, 'toll_to_primitive_ratio', like(toCore), { flags })];
  return [
    ...explanation.parts.map((part) =>
      figure({ experiment: HOT_PATH, arm, factors: { primitive: part.primitive } }, 'toll_explained_us', like(part), {
        flags: flagsWith([part.primitive]),
      }),
    ),
    figure({ experiment: HOT_PATH, arm, factors: {} }, 'toll_unexplained_us', like(explanation.unexplained), {
      flags,
    }),
    ...ratio,
  ];
}
