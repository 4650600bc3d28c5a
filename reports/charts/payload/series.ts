/** Figures over the number of roles. Shared by the charts of `payload`. */
import type { Metric } from '../../../core/results/metrics.ts';
import { type ArmFigure, factorNumber, figuresOf, hasArm } from '../../view/figures.ts';
import type { ReportView } from '../../view/view.ts';

export function roleFigures(view: ReportView, metric: Metric): ArmFigure[] {
  return figuresOf(view.run, 'payload', metric)
    .filter(hasArm)
    .filter((figure) => factorNumber(figure, 'roles') !== null && Object.keys(figure.factors).length === 1);
}

/** The figures at the largest number of roles, without the baseline, which has none. */
export function atMostRoles(view: ReportView, metric: Metric): { roles: number; figures: ArmFigure[] } {
  const figures = roleFigures(view, metric).filter((figure) => figure.arm !== view.baseline?.name);
  const roles = Math.max(0, ...figures.map((figure) => factorNumber(figure, 'roles') ?? 0));
  return { roles, figures: figures.filter((figure) => factorNumber(figure, 'roles') === roles) };
}
