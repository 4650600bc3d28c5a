/**
 * How far the arms' fork means spread, each arm by itself and all together: a hierarchical model of variances, whose
 * posterior is drawn from by Gibbs sampling (Gelman et al. 2013, chapters 5 and 11). Three forks say next to nothing of one
 * arm's variance, but eight arms in three forks say much of a typical one's.
 *
 * Model. The value of arm a in fork f is `arm + fork + error`, the error normal with the arm's own variance. Variances
 * of arms are scaled inverse chi-squares about a common level, with degrees of freedom that the data choose: many where arms
 * are alike, few where they are not. One arm in four may be of a noisier kind. Processes of the baseline have a variance of
 * their own, tied to the arms' but loosely, unless history says more; and an effect common to all of a fork's baseline
 * processes has another (half-Cauchy, Gelman 2006). The levels of arms and forks are free.
 */
import { logGamma } from './distributions.ts';
import { mean } from './location.ts';
import { createRandom, type Random } from './random.ts';

export interface Observation {
  readonly fork: number;
  readonly value: number;
  /** Its variance, relative to that of a usual fork: more where a fork has few blocks. */
  readonly scale: number;
}

/** What earlier runs say of the baseline's processes. */
export interface BaselinePrior {
  /** Their standard deviation over that of the arms. */
  readonly ratio: number;
  /** What that is worth, in degrees of freedom. */
  readonly degrees: number;
}

export interface VarianceData {
  /** For each arm, one observation a fork at most. */
  readonly arms: readonly (readonly Observation[])[];
  /** One observation for each process of the baseline in each fork. */
  readonly baseline: readonly Observation[];
  readonly forks: number;
  readonly prior: BaselinePrior | null;
}

/** One draw from the posterior; variances of usual forks. */
export interface VarianceDraw {
  readonly arms: readonly number[];
  /** Of one process. */
  readonly process: number;
  /** Of what all processes of the baseline share in a fork. */
  readonly common: number;
  /** The level about which the arms' variances lie. */
  readonly level: number;
}

const BURN_IN = 200;
/** Degrees of freedom of the arms' variances about their level, each as likely as another beforehand. */
const LIKENESS = [4, 8, 16, 40];
/** A noisier kind of arm: how often it occurs, its usual variance in units of the level, and its degrees of freedom. */
const NOISY = { share: 0.25, factor: 9, degrees: 2 };
/** What the arms' level is worth for the baseline's processes where no history is known. */
const LOOSE: BaselinePrior = { ratio: 1, degrees: 1 };
/** The scale of the common effect's standard deviation, in those of one process. */
const COMMON_SCALE = 0.3;

/** @returns nothing where all values are explained by arms and forks alone: there is no variance to draw */
export function drawVariances(data: VarianceData, draws: number, seed: number): VarianceDraw[] {
  const state = new Sampler(data, createRandom(seed));
  if (state.isExact) return [];
  const found: VarianceDraw[] = [];
  for (let i = -BURN_IN; i < draws; i++) {
    state.step();
    if (i >= 0) found.push(state.draw());
  }
  return found;
}

/** The variance that is shared out at the start, and what tells rounding errors from variance. */
const EXACT = 1e-24;

class Sampler {
  readonly isExact: boolean;
  readonly #data: VarianceData;
  readonly #random: Random;
  readonly #prior: BaselinePrior;
  readonly #hasCommon: boolean;
  readonly #forks: number[];
  readonly #arms: number[];
  readonly #variances: number[];
  readonly #isNoisy: boolean[];
  #baseline = 0;
  readonly #commonEffects: number[];
  #process: number;
  #common: number;
  #commonScale = 1;
  #level: number;
  #likeness = LIKENESS[1] as number;

  constructor(data: VarianceData, random: Random) {
    const { arms, baseline, forks } = data;
    this.#data = data;
    this.#random = random;
    this.#prior = data.prior ?? LOOSE;
    // With one process a fork, what it shares with others cannot be told from what it does not.
    this.#hasCommon = forks > 1 && baseline.length > new Set(baseline.map(({ fork }) => fork)).size;
    const series = [...arms, baseline].map((all) => all.map(({ value }) => value));
    this.#arms = series.slice(0, -1).map((values) => (values.length > 0 ? mean(values) : 0));
    this.#baseline = baseline.length > 0 ? mean(baseline.map(({ value }) => value)) : 0;
    this.#forks = Array.from({ length: forks }, () => 0);
    this.#commonEffects = Array.from({ length: forks }, () => 0);
    const spread = this.#leastSquares();
    this.isExact = !(spread > EXACT);
    this.#level = spread;
    this.#variances = arms.map(() => spread);
    this.#isNoisy = arms.map(() => false);
    this.#process = spread;
    this.#common = this.#hasCommon ? (COMMON_SCALE ** 2 * spread) / 4 : 0;
  }

  draw(): VarianceDraw {
    return { arms: [...this.#variances], process: this.#process, common: this.#common, level: this.#level };
  }

  step(): void {
    this.#drawForks();
    this.#drawArms();
    this.#drawBaseline();
    this.#drawLevel();
    this.#drawLikeness();
  }

  /** Fits arms and forks; returns the mean squared residual. */
  #leastSquares(): number {
    const all = this.#data.arms.map((list, arm) => ({ list, arm }));
    for (let sweep = 0; sweep < 50; sweep++) {
      for (const fork of this.#forks.keys()) {
        const residuals = [
          ...all.flatMap(({ list, arm }) =>
            list.filter((o) => o.fork === fork).map((o) => o.value - (this.#arms[arm] ?? 0)),
          ),
          ...this.#data.baseline.filter((o) => o.fork === fork).map((o) => o.value - this.#baseline),
        ];
        if (residuals.length > 0) this.#forks[fork] = mean(residuals);
      }
      const left = (o: Observation) => o.value - (this.#forks[o.fork] as number);
      for (const { list, arm } of all) if (list.length > 0) this.#arms[arm] = mean(list.map(left));
      if (this.#data.baseline.length > 0) this.#baseline = mean(this.#data.baseline.map(left));
    }
    const residuals = [
      ...all.flatMap(({ list, arm }) =>
        list.map((o) => o.value - (this.#arms[arm] ?? 0) - (this.#forks[o.fork] as number)),
      ),
      ...this.#data.baseline.map((o) => o.value - this.#baseline - (this.#forks[o.fork] as number)),
    ];
    return residuals.length > 0 ? mean(residuals.map((residual) => residual ** 2)) : 0;
  }

  #drawForks(): void {
    const precision = this.#forks.map(() => 0);
    const weighted = this.#forks.map(() => 0);
    const add = ({ fork, value, scale }: Observation, variance: number, centre: number) => {
      const weight = 1 / (variance * scale);
      precision[fork] = (precision[fork] as number) + weight;
      weighted[fork] = (weighted[fork] as number) + weight * (value - centre);
    };
    for (const [arm, list] of this.#data.arms.entries())
      for (const each of list) add(each, this.#variances[arm] as number, this.#arms[arm] as number);
    for (const each of this.#data.baseline)
      add(each, this.#process, this.#baseline + (this.#commonEffects[each.fork] as number));
    for (const fork of this.#forks.keys())
      this.#forks[fork] = this.#normal(weighted[fork] as number, precision[fork] as number);
  }

  #drawArms(): void {
    for (const [arm, list] of this.#data.arms.entries()) {
      const { squares, centre } = this.#centred(list, this.#variances[arm] as number, () => 0);
      this.#arms[arm] = centre;
      const isNoisy = this.#drawKind(squares, list.length);
      const [degrees, factor] = isNoisy ? [NOISY.degrees, NOISY.factor] : [this.#likeness, 1];
      this.#isNoisy[arm] = isNoisy;
      this.#variances[arm] = (squares + degrees * factor * this.#level) / this.#random.chiSquare(list.length + degrees);
    }
  }

  /** Whether an arm is of the noisier kind: Bayes' rule, its own variance integrated out. */
  #drawKind(squares: number, count: number): boolean {
    const marginal = (degrees: number, factor: number) =>
      logGamma((count + degrees) / 2) -
      logGamma(degrees / 2) +
      (degrees / 2) * Math.log(degrees * factor * this.#level) -
      ((count + degrees) / 2) * Math.log(squares + degrees * factor * this.#level);
    const odds =
      Math.log(NOISY.share / (1 - NOISY.share)) + marginal(NOISY.degrees, NOISY.factor) - marginal(this.#likeness, 1);
    return this.#random.random() < 1 / (1 + Math.exp(-odds));
  }

  #drawBaseline(): void {
    const { baseline } = this.#data;
    if (baseline.length === 0) return;
    const { squares, centre } = this.#centred(baseline, this.#process, (fork) => this.#commonEffects[fork] as number);
    this.#baseline = centre;
    const { ratio, degrees } = this.#prior;
    this.#process = (squares + degrees * ratio ** 2 * this.#level) / this.#random.chiSquare(baseline.length + degrees);
    if (this.#hasCommon) this.#drawCommon();
  }

  /** The half-Cauchy as a mixture of inverse gammas (Wand et al. 2011). */
  #drawCommon(): void {
    const used = Map.groupBy(this.#data.baseline, ({ fork }) => fork);
    let squares = 0;
    for (const [fork, list] of used) {
      let precision = 1 / this.#common;
      let weighted = 0;
      for (const { value, scale } of list) {
        precision += 1 / (this.#process * scale);
        weighted += (value - this.#baseline - (this.#forks[fork] as number)) / (this.#process * scale);
      }
      const effect = this.#normal(weighted, precision);
      this.#commonEffects[fork] = effect;
      squares += effect ** 2;
    }
    this.#common = (squares + 2 / this.#commonScale) / this.#random.chiSquare(used.size + 1);
    this.#commonScale = (2 / this.#common + 2 / (COMMON_SCALE ** 2 * this.#process)) / this.#random.chiSquare(2);
  }

  /** The common level, whose prior is flat on the log scale. */
  #drawLevel(): void {
    let degrees = 0;
    let rate = 0;
    for (const [arm, variance] of this.#variances.entries()) {
      const [own, factor] = this.#isNoisy[arm] ? [NOISY.degrees, NOISY.factor] : [this.#likeness, 1];
      degrees += own;
      rate += (own * factor) / variance;
    }
    if (this.#data.baseline.length > 0) {
      degrees += this.#prior.degrees;
      rate += (this.#prior.degrees * this.#prior.ratio ** 2) / this.#process;
    }
    this.#level = this.#random.chiSquare(degrees) / rate;
  }

  #drawLikeness(): void {
    const usual = this.#variances.filter((_, arm) => !this.#isNoisy[arm]);
    const logs = usual.reduce((sum, variance) => sum + Math.log(variance), 0);
    const inverses = usual.reduce((sum, variance) => sum + 1 / variance, 0);
    const weights = LIKENESS.map(
      (d) =>
        usual.length * ((d / 2) * Math.log((d / 2) * this.#level) - logGamma(d / 2)) -
        (d / 2) * (logs + this.#level * inverses),
    );
    const highest = Math.max(...weights);
    const shares = weights.map((weight) => Math.exp(weight - highest));
    this.#likeness = LIKENESS[this.#choose(shares)] as number;
  }

  /** An index, each with a probability in proportion to its weight. */
  #choose(weights: readonly number[]): number {
    let left = this.#random.random() * weights.reduce((sum, weight) => sum + weight, 0);
    for (const [index, weight] of weights.entries()) {
      left -= weight;
      if (left < 0) return index;
    }
    return weights.length - 1;
  }

  /** A draw of a series' level, and the squares about it. */
  #centred(
    list: readonly Observation[],
    variance: number,
    effect: (fork: number) => number,
  ): { readonly squares: number; readonly centre: number } {
    const left = list.map(({ fork, value }) => value - (this.#forks[fork] as number) - effect(fork));
    let precision = 0;
    let weighted = 0;
    for (const [i, { scale }] of list.entries()) {
      precision += 1 / (variance * scale);
      weighted += (left[i] as number) / (variance * scale);
    }
    const centre = precision > 0 ? this.#normal(weighted, precision) : 0;
    const squares = list.reduce((sum, { scale }, i) => sum + ((left[i] as number) - centre) ** 2 / scale, 0);
    return { squares, centre };
  }

  #normal(weighted: number, precision: number): number {
    return weighted / precision + this.#random.normal() / Math.sqrt(precision);
  }
}
