/** Finds figures in a run's tidy table. */
import { headlineOf } from '../../core/model/demands.ts';
import { EDGE_PROCESS } from '../../core/results/factors.ts';
import type { Metric } from '../../core/results/metrics.ts';
import type { Figure, Run } from '../../core/results/schema.ts';

/** A figure that belongs to an arm. */
export type ArmFigure = Figure & { readonly arm: string };

export function hasArm(figure: Figure): figure is ArmFigure {
  return figure.arm !== null;
}

/** Figures of each run by experiment and metric, cached: a report asks for them hundreds of times. */
const FIGURES = new WeakMap<readonly Figure[], ReadonlyMap<string, readonly Figure[]>>();
const keyOf = (experiment: string, metric: string) => `${metric} ${experiment}`;

export function figuresOf({ figures }: Pick<Run, 'figures'>, experiment: string, metric: Metric): Figure[] {
  const known = FIGURES.get(figures) ?? Map.groupBy(figures, (each) => keyOf(each.experiment, each.metric));
  FIGURES.set(figures, known);
  return [...(known.get(keyOf(experiment, metric)) ?? [])];
}

/** The package of a CPU profile's figure: `fastify`, or `fastify at the edge` for the process in front of a replica. */
export function packageOf({ factors }: Pick<Figure, 'factors'>): string {
  return `${factors.package}${factors.process === EDGE_PROCESS ? ' at the edge' : ''}`;
}

/** One `toll` figure per arm: without factors, otherwise at 10 in flight, otherwise the first. */
export function tollFigures(run: Run, metric: Metric): ArmFigure[] {
  const byArm = Map.groupBy(figuresOf(run, 'toll', metric).filter(hasArm), (figure) => figure.arm);
  return [...byArm.values()].flatMap((figures) => headlineOf(figures) ?? []);
}

/** The numeric value of a factor, or null if the figure has none. */
export function factorNumber(figure: Figure, name: string): number | null {
  const level = figure.factors[name];
  return typeof level === 'number' ? level : null;
}
