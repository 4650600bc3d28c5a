/** Figures over the number of replicas, as one series per arm. Shared by the charts of `scale`. */
import type { Metric } from '../../bench/results/metrics.ts';
import { AA_ARM, type ArmFigure, factorNumber, figuresOf, hasArm } from '../figures.ts';
import { isPlain } from '../scale-figures.ts';
import type { ReportView } from '../view.ts';
import type { Series } from './panels.ts';

export function replicaFigures(view: ReportView, metric: Metric): ArmFigure[] {
  return figuresOf(view.run, 'scale', metric)
    .filter(hasArm)
    .filter((figure) => figure.arm !== AA_ARM && isPlain(figure));
}

/** In the order of the run's arms, points by rising number of replicas. */
export function replicaSeries(view: ReportView, figures: readonly ArmFigure[]): Series[] {
  return view.arms.flatMap((arm) => {
    const points = figures
      .filter((figure) => figure.arm === arm.name)
      .map((figure) => ({
        x: factorNumber(figure, 'replicas') ?? 0,
        value: figure.value,
        low: figure.low,
        high: figure.high,
        flagged: figure.flags.length > 0,
      }))
      .sort((a, b) => a.x - b.x);
    return points.length === 0 ? [] : [{ name: arm.name, colour: arm.colour, points }];
  });
}

/** The largest number of replicas that was measured, and the figures there. */
export function atMostReplicas(figures: readonly ArmFigure[]): { replicas: number; figures: ArmFigure[] } {
  const replicas = Math.max(0, ...figures.map((figure) => factorNumber(figure, 'replicas') ?? 0));
  return { replicas, figures: figures.filter((figure) => factorNumber(figure, 'replicas') === replicas) };
}
