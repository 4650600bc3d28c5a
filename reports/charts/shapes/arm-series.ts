/** Figures over a factor, as one series per arm. Shared by charts over replicas, roles and the like. */
import { counted } from '../../../core/text/format.ts';
import { type ArmFigure, factorNumber } from '../../view/figures.ts';
import type { ReportView } from '../../view/view.ts';
import type { Series } from './panels.ts';
import { tipOf } from './tip.ts';

/**
 * One series for each arm, in the run's order; points by increasing factor. @param factor a plural, such as
 * `replicas`
 */
export function armSeries(view: ReportView, figures: readonly ArmFigure[], factor: string): Series[] {
  const noun = factor.replace(/s$/, '');
  return view.arms.flatMap((arm) => {
    const points = figures
      .filter((figure) => figure.arm === arm.name)
      .map((figure) => ({
        x: factorNumber(figure, factor) ?? 0,
        value: figure.value,
        low: figure.low,
        high: figure.high,
        flagged: figure.flags.length > 0,
        tip: tipOf(`${arm.name}, ${counted(factorNumber(figure, factor) ?? 0, noun)}`, figure),
      }))
      .sort((a, b) => a.x - b.x);
    return points.length === 0 ? [] : [{ name: arm.name, arm: arm.name, colour: arm.colour, points }];
  });
}
