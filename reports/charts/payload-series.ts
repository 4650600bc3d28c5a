/** Figures over the number of roles, as one series per arm. Shared by the charts of `payload`. */
import type { Metric } from '../../bench/results/metrics.ts';
import { type ArmFigure, factorNumber, figuresOf, hasArm } from '../figures.ts';
import type { ReportView } from '../view.ts';
import type { Series } from './panels.ts';

export function roleFigures(view: ReportView, metric: Metric): ArmFigure[] {
  return figuresOf(view.run, 'payload', metric)
    .filter(hasArm)
    .filter((figure) => factorNumber(figure, 'roles') !== null && Object.keys(figure.factors).length === 1);
}

/** In the order of the run's arms, points by rising number of roles. */
export function roleSeries(view: ReportView, metric: Metric): Series[] {
  const figures = roleFigures(view, metric);
  return view.arms.flatMap((arm) => {
    const points = figures
      .filter((figure) => figure.arm === arm.name)
      .map((figure) => ({
        x: factorNumber(figure, 'roles') ?? 0,
        value: figure.value,
        low: figure.low,
        high: figure.high,
        flagged: figure.flags.length > 0,
      }))
      .sort((a, b) => a.x - b.x);
    return points.length === 0 ? [] : [{ name: arm.name, colour: arm.colour, points }];
  });
}

/** Of these figures, those at the largest number of roles; without the baseline, which carries none. */
export function atMostRoles(view: ReportView, metric: Metric): { roles: number; figures: ArmFigure[] } {
  const figures = roleFigures(view, metric).filter((figure) => figure.arm !== view.baseline?.name);
  const roles = Math.max(0, ...figures.map((figure) => factorNumber(figure, 'roles') ?? 0));
  return { roles, figures: figures.filter((figure) => factorNumber(figure, 'roles') === roles) };
}
