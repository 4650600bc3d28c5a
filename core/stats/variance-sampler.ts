/**
 * A hierarchical model of variances, sampled from its posterior by Gibbs sampling (Gelman et al. 2013, chapters 5 and
 * 11).
 *
 * Model. The value of arm a in fork f is `arm + fork + error`, with a normal error of the arm's own variance.
 * Variances of arms are scaled inverse chi-squares about a common level. Their degrees of freedom are estimated: many
 * if arms are alike, few if they are not. One arm in four may be of a noisier kind. Processes of the baseline have a
 * separate variance, loosely tied to that of the arms, unless history says more. An effect common to a fork's
 * baseline processes has another one (half-Cauchy, Gelman 2006). The levels of arms and forks are free.
 */
import { logGamma } from './distributions.ts';
import { createRandom, type Random } from './random.ts';
import type { BaselinePrior, Observation, VarianceData, VarianceDraw } from './variances.ts';

/** Degrees of freedom of the arms' variances about their level, equally likely a priori. */
const LIKENESS = [4, 8, 16, 40];
/** A noisier kind of arm: how often it occurs, its usual variance in units of the level, and its degrees of freedom. */
const NOISY = { share: 0.25, factor: 9, degrees: 2 };
/** The weight of the arms' level for the baseline's processes if there is no history. */
const LOOSE: BaselinePrior = { ratio: 1, degrees: 1 };
/** The scale of the common effect's standard deviation, relative to that of one process. */
const COMMON_SCALE = 0.3;

const BURN_IN = 200;

/** @returns empty if arms and forks explain all values: there is no variance to sample */
export function drawVariances(data: VarianceData, draws: number, seed: number): VarianceDraw[] {
  const state = new VarianceSampler(data, createRandom(seed));
  if (state.isExact) return [];
  const found: VarianceDraw[] = [];
  for (let i = -BURN_IN; i < draws; i++) {
    state.step();
    if (i >= 0) found.push(state.draw());
  }
  return found;
}

/** A smaller residual is rounding. */
const EXACT = 1e-24;

/** The observations of one arm, or of all processes of the baseline, with their sampled parameters. */
interface Series {
  readonly forks: Int32Array;
  readonly values: Float64Array;
  readonly scales: Float64Array;
  level: number;
  variance: number;
  isNoisy: boolean;
}

function seriesOf(observations: readonly Observation[]): Series {
  return {
    forks: Int32Array.from(observations, ({ fork }) => fork),
    values: Float64Array.from(observations, ({ value }) => value),
    scales: Float64Array.from(observations, ({ scale }) => scale),
    level: 0,
    variance: 1,
    isNoisy: false,
  };
}

const lnGamma = new Map<number, number>();

/** ln Γ(half / 2), cached because few distinct values occur. */
function logGammaOfHalf(half: number): number {
  let found = lnGamma.get(half);
  if (found === undefined) {
    found = logGamma(half / 2);
    lnGamma.set(half, found);
  }
  return found;
}

class VarianceSampler {
  readonly isExact: boolean;
  readonly #random: Random;
  readonly #prior: BaselinePrior;
  readonly #hasCommon: boolean;
  readonly #arms: readonly Series[];
  readonly #baseline: Series;
  readonly #all: readonly Series[];
  /** By fork: the machine's level, and the additional effect shared by the baseline's processes. */
  readonly #forks: Float64Array;
  readonly #effects: Float64Array;
  readonly #none: Float64Array;
  /** By fork: sums over its observations. */
  readonly #weighted: Float64Array;
  readonly #precision: Float64Array;
  #common: number;
  #commonScale = 1;
  #typical: number;
  #likeness = LIKENESS[1] as number;

  constructor({ arms, baseline, forks, prior }: VarianceData, random: Random) {
    this.#random = random;
    this.#prior = prior ?? LOOSE;
    this.#arms = arms.map(seriesOf);
    this.#baseline = seriesOf(baseline);
    this.#all = [...this.#arms, this.#baseline];
    this.#forks = new Float64Array(forks);
    this.#effects = new Float64Array(forks);
    this.#none = new Float64Array(forks);
    this.#weighted = new Float64Array(forks);
    this.#precision = new Float64Array(forks);
    // With one process per fork, its own variation and the shared effect cannot be separated.
    this.#hasCommon = forks > 1 && baseline.length > new Set(this.#baseline.forks).size;
    const spread = this.#leastSquares();
    this.isExact = !(spread > EXACT);
    this.#typical = spread;
    for (const series of this.#all) series.variance = spread;
    this.#common = this.#hasCommon ? (COMMON_SCALE ** 2 * spread) / 4 : 0;
  }

  draw(): VarianceDraw {
    return {
      arms: this.#arms.map(({ variance }) => variance),
      process: this.#baseline.variance,
      common: this.#common,
      level: this.#typical,
    };
  }

  step(): void {
    this.#drawForks();
    for (const arm of this.#arms) this.#drawArm(arm);
    if (this.#baseline.values.length > 0) this.#drawBaseline();
    this.#drawTypical();
    this.#drawLikeness();
  }

  /** Fits levels of series and forks; returns the mean squared residual. */
  #leastSquares(): number {
    for (let sweep = 0; sweep < 50; sweep++) {
      this.#fitForks((sum, count) => sum / count);
      for (const series of this.#all) {
        const { forks, values } = series;
        series.level = values.reduce((sum, value, i) => sum + value - this.#forkOf(forks, i), 0) / (values.length || 1);
      }
    }
    let squares = 0;
    let count = 0;
    for (const { forks, values, level } of this.#all) {
      squares += values.reduce((sum, value, i) => sum + (value - level - this.#forkOf(forks, i)) ** 2, 0);
      count += values.length;
    }
    return count > 0 ? squares / count : 0;
  }

  #forkOf(forks: Int32Array, index: number): number {
    return this.#forks[forks[index] as number] as number;
  }

  #drawForks(): void {
    this.#fitForks((weighted, precision) => this.#normal(weighted, precision));
  }

  /** @param of gives the level of a fork from its weighted sum and its total weight */
  #fitForks(of: (weighted: number, precision: number) => number): void {
    this.#weighted.fill(0);
    this.#precision.fill(0);
    for (const series of this.#all) this.#weigh(series, series === this.#baseline ? this.#effects : this.#none);
    for (let fork = 0; fork < this.#forks.length; fork++) {
      const precision = this.#precision[fork] as number;
      this.#forks[fork] = precision > 0 ? of(this.#weighted[fork] as number, precision) : 0;
    }
  }

  /**
   * Adds the observations of a series to the sums of their forks in one pass, since merged runs have hundreds of
   * forks.
   */
  #weigh({ forks, values, scales, level, variance }: Series, apart: Float64Array): void {
    for (let i = 0; i < values.length; i++) {
      const fork = forks[i] as number;
      const weight = 1 / (variance * (scales[i] as number));
      this.#precision[fork] = (this.#precision[fork] as number) + weight;
      const left = (values[i] as number) - level - (apart[fork] as number);
      this.#weighted[fork] = (this.#weighted[fork] as number) + weight * left;
    }
  }

  #drawArm(arm: Series): void {
    const squares = this.#drawSeriesLevel(arm, this.#none);
    const count = arm.values.length;
    arm.isNoisy = this.#isNoisier(squares, count);
    const [degrees, factor] = arm.isNoisy ? [NOISY.degrees, NOISY.factor] : [this.#likeness, 1];
    arm.variance = (squares + degrees * factor * this.#typical) / this.#random.chiSquare(count + degrees);
  }

  /** Samples whether an arm is of the noisier kind: Bayes' rule, with its own variance integrated out. */
  #isNoisier(squares: number, count: number): boolean {
    const logLikelihood = (degrees: number, factor: number) => {
      const prior = degrees * factor * this.#typical;
      const constants = logGammaOfHalf(count + degrees) - logGammaOfHalf(degrees);
      return constants + (degrees / 2) * Math.log(prior) - ((count + degrees) / 2) * Math.log(squares + prior);
    };
    const odds =
      (NOISY.share / (1 - NOISY.share)) *
      Math.exp(logLikelihood(NOISY.degrees, NOISY.factor) - logLikelihood(this.#likeness, 1));
    return this.#random.random() * (1 + odds) < odds;
  }

  #drawBaseline(): void {
    const { ratio, degrees } = this.#prior;
    const squares = this.#drawSeriesLevel(this.#baseline, this.#effects);
    const count = this.#baseline.values.length;
    this.#baseline.variance =
      (squares + degrees * ratio ** 2 * this.#typical) / this.#random.chiSquare(count + degrees);
    if (this.#hasCommon) this.#drawCommon();
  }

  /**
   * The half-Cauchy as a mixture of inverse gammas (Wand et al. 2011). Its scale is the baseline's deviation, and the draw of
   * that deviation leaves out what the half-Cauchy says about it: the model is cut there, so that starts that all arms
   * share do not change the baseline's own variance. The tests of coverage include it.
   */
  #drawCommon(): void {
    this.#weighted.fill(0);
    this.#precision.fill(1 / this.#common);
    this.#weigh(this.#baseline, this.#forks);
    let squares = 0;
    for (let fork = 0; fork < this.#forks.length; fork++) {
      const effect = this.#normal(this.#weighted[fork] as number, this.#precision[fork] as number);
      this.#effects[fork] = effect;
      squares += effect ** 2;
    }
    this.#common = (squares + 2 / this.#commonScale) / this.#random.chiSquare(this.#forks.length + 1);
    this.#commonScale =
      (2 / this.#common + 2 / (COMMON_SCALE ** 2 * this.#baseline.variance)) / this.#random.chiSquare(2);
  }

  /** Samples the level of the variances; its prior is flat on the log scale. */
  #drawTypical(): void {
    let degrees = 0;
    let rate = 0;
    for (const { isNoisy, variance } of this.#arms) {
      const own = isNoisy ? NOISY.degrees : this.#likeness;
      degrees += own;
      rate += (own * (isNoisy ? NOISY.factor : 1)) / variance;
    }
    if (this.#baseline.values.length > 0) {
      degrees += this.#prior.degrees;
      rate += (this.#prior.degrees * this.#prior.ratio ** 2) / this.#baseline.variance;
    }
    this.#typical = this.#random.chiSquare(degrees) / rate;
  }

  #drawLikeness(): void {
    let count = 0;
    let logs = 0;
    for (const { isNoisy, variance } of this.#arms) {
      if (isNoisy) continue;
      count++;
      logs += Math.log(variance / this.#typical) + this.#typical / variance;
    }
    const weights = LIKENESS.map((d) => count * ((d / 2) * Math.log(d / 2) - logGammaOfHalf(d)) - (d / 2) * logs);
    const highest = Math.max(...weights);
    this.#likeness = LIKENESS[this.#choose(weights.map((weight) => Math.exp(weight - highest)))] as number;
  }

  /** Samples an index with probability proportional to its weight. */
  #choose(weights: readonly number[]): number {
    let left = this.#random.random() * weights.reduce((sum, weight) => sum + weight, 0);
    for (const [index, weight] of weights.entries()) {
      left -= weight;
      if (left < 0) return index;
    }
    return weights.length - 1;
  }

  /** Samples the level of a series. @returns the squares about it */
  #drawSeriesLevel(series: Series, effects: Float64Array): number {
    const { forks, values, scales, variance } = series;
    let precision = 0;
    let weighted = 0;
    let squaresAboutNone = 0;
    for (let i = 0; i < values.length; i++) {
      const fork = forks[i] as number;
      const weight = 1 / (scales[i] as number);
      const left = (values[i] as number) - (this.#forks[fork] as number) - (effects[fork] as number) - series.level;
      precision += weight;
      weighted += weight * left;
      squaresAboutNone += weight * left ** 2;
    }
    if (precision === 0) return 0;
    const shift = this.#normal(weighted / variance, precision / variance);
    series.level += shift;
    return Math.max(0, squaresAboutNone - 2 * shift * weighted + shift ** 2 * precision);
  }

  #normal(weighted: number, precision: number): number {
    return weighted / precision + this.#random.normal() / Math.sqrt(precision);
  }
}
