/** Figures over the number of sessions in Redis. Shared by the charts of `store`. */

import type { Metric } from '../../../core/results/metrics.ts';
import { formatCount } from '../../../core/text/format.ts';
import { type ArmFigure, factorNumber, figuresOf, hasArm } from '../../view/figures.ts';
import type { ReportView } from '../../view/view.ts';
import type { SeriesPoint } from '../shapes/panels.ts';
import { tipOf } from '../shapes/tip.ts';

export const sessionsOf = (figure: ArmFigure) => factorNumber(figure, 'sessions') ?? 0;

/**
 * Figures by increasing number of entries. @param factors that a figure must have; null for one that it must not have
 */
export function storeFigures(
  view: ReportView,
  metric: Metric,
  factors: Readonly<Record<string, string | null>> = {},
): ArmFigure[] {
  return figuresOf(view.run, 'store', metric)
    .filter(hasArm)
    .filter((figure) =>
      Object.entries(factors).every(([name, level]) =>
        level === null ? figure.factors[name] === undefined : figure.factors[name] === level,
      ),
    )
    .sort((a, b) => sessionsOf(a) - sessionsOf(b));
}

export function storePoint(figure: ArmFigure): SeriesPoint {
  const { value, low, high, flags } = figure;
  return {
    x: sessionsOf(figure),
    value,
    low: Math.max(low, value / 10),
    high: Math.min(high, value * 10),
    flagged: flags.length > 0,
    tip: tipOf(`${storeName(figure)}, ${sizeLabel(sessionsOf(figure))} entries`, figure),
  };
}

/** `session-redis (session)`: the kind of state differs by arm. */
export function storeName(figure: ArmFigure): string {
  return `${figure.arm} (${figure.factors.kind})`;
}

/** `10³` for powers of ten, else the number. */
export function sizeLabel(size: number): string {
  const power = Math.log10(size);
  if (!Number.isInteger(power)) return formatCount(size);
  return `10${[...String(power)].map((digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]).join('')}`;
}

export function sizeTicks(figures: readonly ArmFigure[]): { readonly at: number; readonly label: string }[] {
  return [...new Set(figures.map(sessionsOf))].sort((a, b) => a - b).map((at) => ({ at, label: sizeLabel(at) }));
}
