/**
 * Finds the figures that a rule asks for. A figure of an arm that failed a security check is not evidence, nor is a
 * single sample.
 */

import type { ArmSummary } from '../../core/results/arms.ts';
import type { GateResult } from '../../core/results/gate-schema.ts';
import type { Metric } from '../../core/results/metrics.ts';
import { otherArmOf } from '../../core/results/other-arm.ts';
import { type CostRatios, costRatios, type PairedRatio } from '../../core/results/paired-ratios.ts';
import { isLoneSample } from '../../core/results/sampled.ts';
import type { Factors, Figure } from '../../core/results/schema.ts';
import { STANDARD_IN_FLIGHT } from '../../core/results/standard-load.ts';
import type { Interval } from '../../core/stats/interval.ts';
import type { ArmPredicate } from './arms.ts';
import type { Shown } from './shown.ts';

export class Evidence {
  readonly #figures: readonly Figure[];
  readonly arms: readonly ArmSummary[];
  readonly gate: GateResult | null;
  /** The relative cost of requests between arms; null if no two were compared in the same blocks. */
  readonly costs: CostRatios | null;

  constructor(figures: readonly Figure[], arms: readonly ArmSummary[], gate: GateResult | null = null) {
    this.#figures = figures.filter((figure) => !figure.flags.includes('gate-failed') && !isLoneSample(figure));
    this.arms = arms;
    this.gate = gate;
    this.costs = costRatios(this.#figures, arms);
  }

  /** Every figure of a metric with these factors, whatever its other factors. */
  all(experiment: string, metric: Metric, factors: Factors = {}): Figure[] {
    const wanted = Object.entries(factors);
    return this.#figures.filter(
      (figure) =>
        figure.experiment === experiment &&
        figure.metric === metric &&
        wanted.every(([name, level]) => figure.factors[name] === level),
    );
  }

  of(arm: string, experiment: string, metric: Metric, factors: Factors = {}): Figure[] {
    return this.all(experiment, metric, factors).filter((figure) => figure.arm === arm);
  }

  /** The figure with the fewest additional factors, which is the most general; null if there is none. */
  one(arm: string, experiment: string, metric: Metric, factors: Factors = {}): Figure | null {
    const found = this.of(arm, experiment, metric, factors);
    return found.toSorted((a, b) => Object.keys(a.factors).length - Object.keys(b.factors).length)[0] ?? null;
  }

  /** A figure of the experiment `toll`, at the headline load if there are several. */
  toll(arm: string, metric: Metric): Figure | null {
    return this.one(arm, 'toll', metric, { in_flight: STANDARD_IN_FLIGHT }) ?? this.one(arm, 'toll', metric);
  }

  /** Names of the arms of a family, in the run's order. */
  family(family: string): string[] {
    return this.arms.filter((arm) => arm.family === family).map(({ name }) => name);
  }

  /** The first arm of this kind, in the run's order; empty if the run has none, for which no figure is found either. */
  armWhere(predicate: ArmPredicate): string {
    return this.armsWhere(predicate)[0] ?? '';
  }

  armsWhere(predicate: ArmPredicate): string[] {
    return this.arms.filter(predicate).map(({ name }) => name);
  }

  stateOf(arm: string): string {
    return this.arms.find(({ name }) => name === arm)?.serverState ?? '';
  }

  /** Checks of the gate that an arm passed, among those whose names match. */
  passed(arm: string, name: RegExp): number {
    const ids = new Set(this.gate?.checks.filter((check) => name.test(check.name)).map(({ id }) => id));
    const outcomes = this.gate?.arms.find((one) => one.arm === arm)?.outcomes ?? [];
    return outcomes.filter(({ check, verdict }) => ids.has(check) && verdict === 'pass').length;
  }
}

/** A comparison as evidence: the figure as recorded in the run. */
export function shownPair({ recorded }: PairedRatio): Shown {
  return { label: `${recorded.arm} over ${otherArmOf(recorded)}, CPU time per request`, figure: recorded };
}

/**
 * Whether `a` is certainly larger than `b`: for counts, bounds and levels of one arm. Costs of two arms are compared
 * by `costs`.
 */
export const above = (a: Interval, b: Interval) => a.low > b.high;

/** Whether a share of trials was 0 or 1: such a figure is counted and has no width. */
export const always = ({ value }: Interval) => value === 1;
export const never = ({ value }: Interval) => value === 0;

/** The largest value of a factor among figures; null if none has it. */
export function mostOf(figures: readonly Figure[], factor: string): number | null {
  const levels = figures.flatMap(({ factors }) => (typeof factors[factor] === 'number' ? [factors[factor]] : []));
  return levels.length === 0 ? null : Math.max(...levels);
}
