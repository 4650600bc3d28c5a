/**
 * A run with many more arms than usual: copies of its guarded arms, each slightly more expensive, with all of their
 * figures.
 */
import type { ArmSummary } from '../../core/results/arms.ts';
import { otherArmOf } from '../../core/results/other-arm.ts';
import type { Figure, Run } from '../../core/results/schema.ts';

const COPIES = ['fast', 'slow'] as const;

/** The cost of a copy relative to its original. */
const DEARER = { fast: 1.04, slow: 1.31 } as const;

type Copy = (typeof COPIES)[number];
const named = (arm: string, copy: Copy | null) => (copy === null ? arm : `${arm}-${copy}`);

function scaled(figure: Figure, by: number): Figure {
  const { value, low, high } = figure;
  return { ...figure, value: value * by, low: low * by, high: high * by };
}

function copiesOf(figure: Figure, guarded: ReadonlySet<string>): Figure[] {
  const { arm, metric, factors } = figure;
  if (arm === null || !guarded.has(arm)) return [figure];
  const other = otherArmOf(figure);
  const isCost = /cpu|ratio|toll/.test(metric);
  const of = (copy: Copy | null) => (copy === null || !isCost ? 1 : DEARER[copy]);
  const all = [null, ...COPIES];
  if (other === '' || !guarded.has(other)) {
    return all.map((copy) => ({ ...scaled(figure, of(copy)), arm: named(arm, copy) }));
  }
  const key = factors.against === undefined ? 'than' : 'against';
  return all.flatMap((mine) =>
    all.map((its) => ({
      ...scaled(figure, of(mine) / of(its)),
      arm: named(arm, mine),
      factors: { ...factors, [key]: named(other, its) },
    })),
  );
}

/** Comparisons of an arm with its own copies, which the run itself does not contain. */
function amongCopies(run: Run, guarded: ReadonlySet<string>): Figure[] {
  const template = run.figures.find(({ metric }) => metric === 'total_cpu_ratio_to_arm');
  if (template === undefined) return [];
  const pairs = [
    [null, 'fast', 1 / DEARER.fast],
    [null, 'slow', 1 / DEARER.slow],
    ['fast', 'slow', DEARER.fast / DEARER.slow],
  ] as const;
  return [...guarded].flatMap((arm) =>
    pairs.map(([mine, its, value]) => ({
      ...template,
      arm: named(arm, mine),
      factors: { ...template.factors, against: named(arm, its) },
      ...{ value, low: value * 0.99, high: value * 1.01 },
    })),
  );
}

/** Three arms instead of each guarded one. */
export function manyArms(run: Run): Run {
  const guarded = new Set(run.arms.filter(({ role }) => role === 'guarded').map(({ name }) => name));
  const arms = run.arms.flatMap((arm): ArmSummary[] =>
    guarded.has(arm.name)
      ? [null, ...COPIES].map((copy) => ({
          ...arm,
          name: named(arm.name, copy),
          tags: copy === null ? arm.tags : [],
          colour: copy === null ? arm.colour : null,
        }))
      : [arm],
  );
  const figures = run.figures.flatMap((figure) => copiesOf(figure, guarded));
  return { ...run, arms, figures: [...figures, ...amongCopies(run, guarded)] };
}
