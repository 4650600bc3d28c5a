/** Coverage and width of pooled intervals, for forks simulated from known variances. */

import { studentQuantile } from './distributions.ts';
import { cellsOf, type ForkCosts } from './fork-costs.ts';
import type { Estimate } from './interval.ts';
import { mean, variance } from './location.ts';
import { type PooledOptions, pooledRatios } from './pooled.ts';
import { createRandom, type Random } from './random.ts';

/** Standard deviations of forks, in logarithms, relative to `UNIT`, that of a usual arm's fork. */
export interface Scenario {
  readonly name: string;
  /** The spread of arm `index`, in units. */
  readonly armSpread: (index: number, random: Random) => number;
  /** The spread of a process of the baseline. */
  readonly processSpread: number;
  /** The spread of the effect that a fork's baseline processes share. */
  readonly commonSpread: number;
  /** One error in ten is three times as large. */
  readonly isHeavy?: boolean;
}

const alike = () => 1;

export const SCENARIOS: readonly Scenario[] = [
  { name: 'equal', armSpread: alike, processSpread: 1, commonSpread: 0 },
  {
    name: 'arms differ by 30 %',
    armSpread: (_, random) => Math.exp(0.3 * random.normal()),
    processSpread: 1,
    commonSpread: 0,
  },
  {
    name: 'arms differ by 50 %',
    armSpread: (_, random) => Math.exp(0.5 * random.normal()),
    processSpread: 1,
    commonSpread: 0,
  },
  { name: 'baseline twice as noisy', armSpread: alike, processSpread: 2, commonSpread: 0 },
  {
    name: 'one arm three times as noisy',
    armSpread: (index) => (index === 0 ? 3 : 1),
    processSpread: 1,
    commonSpread: 0,
  },
  { name: 'baseline processes alike by half', armSpread: alike, processSpread: 1, commonSpread: 0.5 },
  { name: 'baseline processes alike by all', armSpread: alike, processSpread: 1, commonSpread: 1 },
  { name: 'heavy tails', armSpread: alike, processSpread: 1, commonSpread: 0, isHeavy: true },
];

/** Roughly that of a fork in the quick profile. */
const UNIT = 0.04;
/** The spread of the machine's speed between forks and between blocks, common to all arms. */
const DRIFT = 0.3;

export interface Shape {
  readonly forks: number;
  readonly arms: number;
  readonly processes: number;
  readonly blocks: number;
}

const nameOf = (index: number) => `arm-${index}`;

/** Forks with true log ratios of 0. Half of a fork's variance is block noise. */
export function simulateForks(scenario: Scenario, shape: Shape, random: Random): ForkCosts[] {
  const spreads = Array.from({ length: shape.arms }, (_, index) => scenario.armSpread(index, random));
  const error = () => (scenario.isHeavy && random.random() < 0.1 ? 3 : 1) * random.normal();
  return Array.from({ length: shape.forks }, () => {
    const speed = DRIFT * random.normal();
    const drift = Array.from({ length: shape.blocks }, () => speed + DRIFT * random.normal());
    const series = (spread: number, common: number) => {
      const perFork = UNIT * (common + spread * Math.SQRT1_2 * error());
      return drift.map((level) => level + perFork + UNIT * spread * Math.sqrt(shape.blocks / 2) * error());
    };
    const common = scenario.commonSpread * random.normal();
    return {
      arms: new Map(spreads.map((spread, index) => [nameOf(index), series(spread, 0)])),
      baseline: Array.from({ length: shape.processes }, () => series(scenario.processSpread, common)),
    };
  });
}

export interface Coverage {
  /** Coverage: the share of intervals that contain the truth. */
  readonly toBaseline: number;
  readonly toArm: number;
  /** The lowest coverage of any arm, of either kind. */
  readonly worstArm: number;
  /** The half-width of intervals to the baseline, in logarithms. */
  readonly halfWidth: number;
  /** The half-width of Student's t interval from the forks of each ratio alone. */
  readonly plainHalfWidth: number;
}

/**
 * @param stopAt measuring ends after any fork from the third on in which no interval to the baseline is wider than
 * this half-width; if absent, it runs all forks
 */
export function simulateCoverage(
  scenario: Scenario,
  shape: Shape,
  replications: number,
  options: Omit<PooledOptions, 'seed'> & { readonly stopAt?: number; readonly seed: number },
): Coverage {
  const random = createRandom(options.seed).derive(`${scenario.name} ${JSON.stringify(shape)}`);
  const held: { toBaseline: number; toArm: number }[] = Array.from({ length: shape.arms }, () => ({
    toBaseline: 0,
    toArm: 0,
  }));
  const halves = { pooled: 0, plain: 0 };
  for (let seed = 0; seed < replications; seed++) {
    const all = simulateForks(scenario, shape, random);
    const measured = measure(all, shape, { ...options, seed });
    for (const [index, { toBaseline, toArm }] of measured.entries()) {
      const own = held[index];
      if (own === undefined) continue;
      own.toBaseline += holdsTruth(toBaseline) / replications;
      own.toArm += holdsTruth(toArm) / replications;
      halves.pooled += halfOf(toBaseline) / replications / shape.arms;
      halves.plain += plainHalf(all.slice(0, toBaseline.forks), nameOf(index)) / replications / shape.arms;
    }
  }
  return {
    toBaseline: mean(held.map((own) => own.toBaseline)),
    toArm: mean(held.map((own) => own.toArm)),
    worstArm: Math.min(...held.map((own) => own.toBaseline)),
    halfWidth: halves.pooled,
    plainHalfWidth: halves.plain,
  };
}

interface Measured {
  readonly toBaseline: Estimate;
  readonly toArm: Estimate;
}

function measure(
  all: readonly ForkCosts[],
  shape: Shape,
  options: PooledOptions & { readonly stopAt?: number },
): Measured[] {
  const { stopAt } = options;
  for (let forks = stopAt === undefined ? all.length : Math.min(3, all.length); ; forks++) {
    const ratios = pooledRatios(all.slice(0, forks), options);
    const found = Array.from({ length: shape.arms }, (_, index) => ({
      toBaseline: some(ratios.toBaseline(nameOf(index))),
      toArm: some(ratios.toArm(nameOf(index), nameOf((index + 1) % shape.arms))),
    }));
    if (forks === all.length || found.every(({ toBaseline }) => halfOf(toBaseline) <= (stopAt ?? 0))) return found;
  }
}

function plainHalf(forks: readonly ForkCosts[], arm: string): number {
  const logs = forks.map((fork) => {
    const { arms, baseline } = cellsOf(fork);
    return (arms.get(arm)?.value ?? Number.NaN) - mean(baseline.map(({ value }) => value));
  });
  return studentQuantile(0.975, logs.length - 1) * Math.sqrt(variance(logs) / logs.length);
}

function some(estimate: Estimate | null): Estimate {
  if (estimate === null) throw new Error('A simulated fork lacks an arm.');
  return estimate;
}

const holdsTruth = ({ low, high }: Estimate) => (low <= 1 && 1 <= high ? 1 : 0);
const halfOf = ({ low, high }: Estimate) => Math.log(high / low) / 2;
