/**
 * One point of an experiment's grid: its slices, and how they become figures. Every experiment's analysis uses this,
 * so a metric is computed in the same way everywhere. Pure.
 */

import type { Flag } from '../../core/results/flags.ts';
import type { Metric } from '../../core/results/metrics.ts';
import type { PairedQuotient, Quantity, Quotient } from '../../core/results/quotients/quotient.ts';
import type { Factors, Figure, Slice } from '../../core/results/schema.ts';
import { estimate, estimateRatioOfSums } from '../../core/stats/estimate.ts';
import type { Estimate } from '../../core/stats/interval.ts';
import { proportion } from '../../core/stats/proportion.ts';
import { type Pair, pairedDifference, pairedRatio } from '../../core/stats/ratio.ts';
import { byFork, flagsOf } from '../measuring/slices.ts';
import { type FigureOptions, figure, type Subject } from './figure.ts';
import { histogramsOf, type QuantileRule, quantileEstimates, sentLate } from './quantiles.ts';
import {
  hasQuotient,
  type PairedMetric,
  pairedOf,
  pairsOf,
  partsOf,
  type QuotientMetric,
  quantityOf,
  quotientOf,
  type VariantMetric,
  variantOf,
} from './quotients.ts';
import type { Seeds } from './seeds.ts';

export interface CellParts {
  readonly subject: Subject;
  readonly slices: readonly Slice[];
  /** Slices of the baseline in the same blocks; empty if the cell is not compared. */
  readonly baselines?: readonly Slice[];
  readonly seeds: Seeds;
  /** Flags of the cell, in addition to those of its slices. */
  readonly flags?: readonly Flag[];
  /**
   * What a quotient does with slices that lack one of its measures: leaves them out, or gives no figure at all, if
   * the others would represent another load. Default `leave-out`.
   */
  readonly incomplete?: 'leave-out' | 'no-figure';
}

/** `flags` replaces those of the cell. */
export interface CellFigureOptions extends FigureOptions {
  /** Names the seed; default: the metric. */
  readonly label?: string;
  /** Factors of the figure, in addition to those of the cell. */
  readonly factors?: Factors;
  /** The lower bound of a mean's interval: durations are not negative. */
  readonly atLeast?: number;
}

export class Cell {
  readonly subject: Subject;
  readonly slices: readonly Slice[];
  readonly baselines: readonly Slice[];
  /** Flags of its slices, and its own. */
  readonly flags: readonly Flag[];
  readonly #parts: CellParts;

  constructor(parts: CellParts) {
    this.subject = parts.subject;
    this.slices = parts.slices;
    this.baselines = parts.baselines ?? [];
    this.flags = [...flagsOf(parts.slices), ...(parts.flags ?? [])];
    this.#parts = parts;
  }

  /** The same cell with some of its slices, and their flags. */
  of(slices: readonly Slice[]): Cell {
    return this.with({ slices });
  }

  /** The same cell with the given parts replaced. */
  with(parts: Partial<CellParts>): Cell {
    return new Cell({ ...this.#parts, ...parts });
  }

  seed(label: string): number {
    return this.#parts.seeds(label);
  }

  /** Flags of a comparison include those of the other side. */
  comparedFlags(others: readonly Slice[] = this.baselines): readonly Flag[] {
    return [...new Set([...this.flags, ...flagsOf(others)])];
  }

  /** The figure of an estimate that was computed elsewhere. */
  figure(metric: Metric, value: Estimate, options: CellFigureOptions = {}): Figure {
    const { factors, ...others } = options;
    const subject = factors ? { ...this.subject, factors: { ...this.subject.factors, ...factors } } : this.subject;
    return figure(subject, metric, value, { flags: this.flags, ...others });
  }

  /** The sum over slices of what the metric divides, over the sum of what it divides by. */
  quotient(metric: QuotientMetric, options: CellFigureOptions = {}): Figure[] {
    const found = this.estimateQuotient(metric, options.label);
    return found === null ? [] : [this.figure(metric, found, options)];
  }

  /** An alternative definition of the metric, by name. */
  variant(metric: VariantMetric, variant: string, options: CellFigureOptions = {}): Figure[] {
    const found = this.#ratioOfSums(variantOf(metric, variant), options.label ?? metric);
    return found === null ? [] : [this.figure(metric, found, options)];
  }

  /** Null if no slice has the measures of the metric. */
  estimateQuotient(metric: QuotientMetric, label: string = metric): Estimate | null {
    return this.#ratioOfSums(quotientOf(metric), label);
  }

  /** The cell against its baseline, or against `others`, block by block; empty if no block has both. */
  paired(metric: PairedMetric, options: CellFigureOptions = {}, others: readonly Slice[] = this.baselines): Figure[] {
    const found = this.estimatePaired(metric, options.label, others);
    return found === null ? [] : [this.figure(metric, found, { flags: this.comparedFlags(others), ...options })];
  }

  /** Null if no block has both. */
  estimatePaired(metric: PairedMetric, label: string = metric, others = this.baselines): Estimate | null {
    const { as, of } = pairedOf(metric);
    return this.#compare(as, pairsOf(this.slices, others, of, as), label);
  }

  /** A comparison of pairs that no metric declares, as `[fork][block]`; empty if there are none. */
  compared(
    metric: Metric,
    as: PairedQuotient['as'],
    pairs: readonly (readonly Pair[])[],
    options: CellFigureOptions = {},
  ): Figure[] {
    const found = this.#compare(as, pairs, options.label ?? metric);
    return found === null ? [] : [this.figure(metric, found, options)];
  }

  /** The mean over slices of a quantity or function; slices without it are omitted. */
  mean(metric: Metric, of: Quantity | ((slice: Slice) => number), options: CellFigureOptions = {}): Figure[] {
    const value = typeof of === 'string' ? (slice: Slice) => quantityOf(slice, of) : of;
    const forks = byFork(this.slices).map((fork) => fork.map(value).filter(Number.isFinite));
    return this.meanOf(metric, forks, options);
  }

  /** The mean of values as `[fork][block]`. */
  meanOf(metric: Metric, forks: readonly (readonly number[])[], options: CellFigureOptions = {}): Figure[] {
    const used = forks.filter((fork) => fork.length > 0);
    if (used.length === 0) return [];
    const found = estimate(used, { statistic: 'mean', seed: this.seed(options.label ?? metric) });
    const low = Math.max(options.atLeast ?? Number.NEGATIVE_INFINITY, found.low);
    return [this.figure(metric, { ...found, low }, options)];
  }

  /**
   * Quantiles of the histograms of one name, as many as the rule allows, distinguished by the factor `quantile`.
   * @param label names the seed of a level; default `p99`
   */
  quantiles(
    metric: Metric,
    histogram: string,
    rule: QuantileRule,
    options: CellFigureOptions = {},
    label: (level: number) => string = (level) => `p${level}`,
  ): Figure[] {
    const found = quantileEstimates(histogramsOf(this.slices, histogram), rule, (level) => this.seed(label(level)));
    return this.quantileFigures(metric, found, rule, options);
  }

  /** The figures of quantiles that were estimated elsewhere, by level. */
  quantileFigures(
    metric: Metric,
    found: ReadonlyMap<number, Estimate>,
    rule: QuantileRule,
    options: CellFigureOptions = {},
  ): Figure[] {
    return [...found].map(([level, value]) => {
      const late: Flag[] = rule.onSchedule && sentLate(this.slices, level) ? ['sent-late'] : [];
      const flags = [...(options.flags ?? this.flags), ...late];
      return this.figure(metric, value, {
        ...options,
        flags,
        factors: { ...options.factors, quantile: `p${level}` },
      });
    });
  }

  /** Percentage of trials that are deterministic: every start gives the same. Empty without trials. */
  share(metric: Metric, hits: number, trials: number, options: CellFigureOptions = {}): Figure[] {
    if (trials === 0) return [];
    const { value, low, high, confidence } = proportion(hits, trials);
    const percent = { value: 100 * value, low: 100 * low, high: 100 * high, confidence };
    return [this.figure(metric, { ...percent, ...this.#extent() }, options)];
  }

  /** A figure that was counted rather than sampled, so its interval has no width. */
  counted(metric: Metric, value: number, options: CellFigureOptions = {}): Figure {
    return this.figure(metric, { value, low: value, high: value, confidence: 0.95, ...this.#extent() }, options);
  }

  #compare(as: PairedQuotient['as'], pairs: readonly (readonly Pair[])[], label: string): Estimate | null {
    if (pairs.flat().length === 0) return null;
    const compare = as === 'ratio' ? pairedRatio : pairedDifference;
    return compare(pairs, { seed: this.seed(label) });
  }

  #ratioOfSums(quotient: Quotient, label: string): Estimate | null {
    const complete = this.slices.filter((slice) => hasQuotient(slice, quotient));
    const isEnough = this.#parts.incomplete === 'no-figure' ? complete.length === this.slices.length : true;
    if (complete.length === 0 || !isEnough) return null;
    return estimateRatioOfSums(partsOf(complete, quotient), { seed: this.seed(label) });
  }

  #extent(): Pick<Estimate, 'blocks' | 'forks'> {
    return { blocks: this.slices.length, forks: byFork(this.slices).length };
  }
}
