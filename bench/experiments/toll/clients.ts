/**
 * The effect of the store's client library on its cost: compares arms that differ only in that with the plain arm.
 * Pure.
 */
import type { ArmSummary } from '../../../core/results/arms.ts';
import type { Figure, Slice } from '../../../core/results/schema.ts';
import { Cell } from '../../analysis/cell.ts';
import { WIDE } from '../../analysis/figure.ts';
import { seedsOf } from '../../analysis/seeds.ts';
import type { AnalysisContext } from '../../measuring/experiment.ts';
import { flagsOf } from '../../measuring/slices.ts';

/** The plain arm that differs from this one only in the client; undefined if there is none. */
function plainOf(arm: ArmSummary, arms: readonly ArmSummary[]): ArmSummary | undefined {
  if (arm.variant !== 'client') return undefined;
  return arms.find(
    ({ family, serverState, tags }) =>
      family === arm.family && serverState === arm.serverState && tags.includes('reference'),
  );
}

/** @param level slices of every arm at one load, in shared blocks */
export function clientFigures(level: readonly Slice[], context: AnalysisContext): Figure[] {
  const of = (name: string) => level.filter(({ arm }) => arm === name);
  return context.arms.flatMap((arm) => {
    const plain = plainOf(arm, context.arms);
    const slices = of(arm.name);
    const [first] = slices;
    if (plain === undefined || first === undefined) return [];
    const others = of(plain.name);
    const cell = new Cell({
      subject: { experiment: 'toll', arm: arm.name, factors: { ...first.factors, against: plain.name } },
      slices,
      baselines: others,
      seeds: seedsOf(context, `toll client ${arm.name}`, JSON.stringify(first.factors)),
      flags: flagsOf(others),
    });
    const wide = { targetHalfWidth: WIDE.cost };
    return [...cell.paired('client_cpu_ratio', wide), ...cell.paired('client_redis_cpu_ratio', wide)];
  });
}
