/**
 * Turns lifecycle's slices into figures: costs of an operation, of a password check, and a storm's throughput and
 * latency. Pure.
 */

import type { Figure, Slice } from '../../../core/results/schema.ts';
import { Cell } from '../../analysis/cell.ts';
import { absoluteFlags, usable } from '../../analysis/costs.ts';
import { WIDE } from '../../analysis/figure.ts';
import { histogramsOf, QUANTILE_RULES } from '../../analysis/quantiles.ts';
import { seedsOf } from '../../analysis/seeds.ts';
import type { AnalysisContext } from '../../measuring/experiment.ts';

export const LIFECYCLE = 'lifecycle';

const keyOf = ({ arm, factors }: Slice) => JSON.stringify([arm, factors]);

/** @param seedSuffix the end of its seed labels */
function cellOf(
  context: AnalysisContext,
  slices: readonly Slice[],
  seedSuffix: string,
  baselines: readonly Slice[] = [],
): Cell {
  const [first] = slices;
  return new Cell({
    subject: { experiment: LIFECYCLE, arm: first?.arm ?? null, factors: first?.factors ?? {} },
    slices,
    baselines,
    seeds: seedsOf(context, LIFECYCLE, seedSuffix),
  });
}

function operationFigures(cell: Cell, isBaseline: boolean): Figure[] {
  const wide = { targetHalfWidth: WIDE.cost };
  return [
    ...cell.quotient('cpu_us_per_operation', { ...wide, flags: absoluteFlags(cell) }),
    ...cell.quotient('redis_cpu_us_per_operation'),
    ...cell.quotient('redis_commands_per_operation'),
    ...cell.quotient('operations_per_second'),
    ...(isBaseline
      ? []
      : [
          ...cell.paired('cpu_ratio_to_baseline', { ...wide, label: 'ratio' }),
          ...cell.paired('cpu_toll_us_per_operation', { label: 'toll' }),
        ]),
  ];
}

function hashFigures(cell: Cell): Figure[] {
  const flags = { flags: [] };
  return [...cell.quotient('password_hash_us', flags), ...cell.quotient('password_hash_cpu_us', flags)];
}

/** @param key the cell in its seed labels */
function stormFigures(cell: Cell, key: string): Figure[] {
  const metric = 'storm_logins_per_second';
  const isLogin = cell.subject.factors.route === 'login';
  return [...(isLogin ? cell.quotient(metric, { label: `${metric} ${key}` }) : []), ...stormQuantiles(cell, key)];
}

/** A slice without any response is the worst case: without it, the others would look better than they are. */
function stormQuantiles(cell: Cell, key: string): Figure[] {
  const taken = cell.slices.filter(({ histograms }) => histograms?.latency !== undefined);
  if (histogramsOf(taken, 'latency').flat().length < taken.length) return [];
  return cell.quantiles('storm_latency_us', 'latency', QUANTILE_RULES.storm, {}, (level) => `${key} ${level}`);
}

export function analyseLifecycle(slices: readonly Slice[], context: AnalysisContext): readonly Figure[] {
  const cells = (...modes: Slice['mode'][]) => [
    ...Map.groupBy(
      slices.filter(({ mode }) => modes.includes(mode)),
      keyOf,
    ),
  ];
  const baselinesOf = (operation: Slice['factors'][string] | undefined) =>
    usable(
      slices.filter(
        ({ mode, arm, factors }) => mode === 'paired' && arm === context.baseline && factors.operation === operation,
      ),
    );
  return [
    ...cells('paired').flatMap(([key, all]) => {
      const own = usable(all);
      const cell = cellOf(context, own, key, baselinesOf(own[0]?.factors.operation));
      return operationFigures(cell, cell.subject.arm === context.baseline);
    }),
    ...cells('micro').flatMap(([key, own]) => hashFigures(cellOf(context, own, key))),
    ...cells('open', 'closed').flatMap(([key, own]) => stormFigures(cellOf(context, own, ''), key)),
  ];
}
