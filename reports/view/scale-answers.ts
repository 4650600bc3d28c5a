/** The results of a run's models, in a few numbers and words: for the charts' sentences and the page. Pure. */
import type { Run } from '../../core/results/schema.ts';
import type { ArmFigure } from './figures.ts';
import { ofSeries, type ScaleSeries } from './scale-figures.ts';

const MODELS = [
  ['usl', 'scalability law'],
  ['mva', 'queueing network'],
] as const;

export interface HeldOut {
  readonly name: string;
  /** Median of the absolute errors, in percent. */
  readonly median: number;
  readonly worst: number;
  readonly count: number;
}

export function medianAndWorst(figures: readonly ArmFigure[]): Omit<HeldOut, 'name'> | null {
  const sizes = figures.map(({ value }) => Math.abs(value)).sort((a, b) => a - b);
  const [middle, worst] = [(sizes.length - 1) / 2, sizes.at(-1)];
  if (worst === undefined) return null;
  const median = ((sizes[Math.floor(middle)] ?? 0) + (sizes[Math.ceil(middle)] ?? 0)) / 2;
  return { median, worst, count: sizes.length };
}

/** The error of each model on held-out data, over these series. */
export function heldOutErrors(run: Run, all: readonly ScaleSeries[]): HeldOut[] {
  return MODELS.flatMap(([model, name]) => {
    const found = medianAndWorst(all.flatMap((series) => ofSeries(run, 'prediction_error_pct', series, model)));
    return found === null ? [] : [{ name, ...found }];
  });
}
