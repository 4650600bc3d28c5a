/** Figures over the number of replicas. Shared by the charts of `scale`. */
import type { Metric } from '../../../core/results/metrics.ts';
import { type ArmFigure, factorNumber, figuresOf, hasArm } from '../../view/figures.ts';
import { isPlain } from '../../view/scale-figures.ts';
import type { ReportView } from '../../view/view.ts';

export function replicaFigures(view: ReportView, metric: Metric): ArmFigure[] {
  return figuresOf(view.run, 'scale', metric)
    .filter(hasArm)
    .filter((figure) => isPlain(figure));
}

/** The largest number of replicas that was measured, and the figures there. */
export function atMostReplicas(figures: readonly ArmFigure[]): { replicas: number; figures: ArmFigure[] } {
  const replicas = Math.max(0, ...figures.map((figure) => factorNumber(figure, 'replicas') ?? 0));
  return { replicas, figures: figures.filter((figure) => factorNumber(figure, 'replicas') === replicas) };
}
