/**
 * The search for the highest rate at which an objective is met, when each look at a rate may be wrong. It doubles the
 * rate until one fails. Then it uses probabilistic bisection (Horstein 1963; Waeber, Frazier & Henderson 2013): each look
 * updates the probability distribution of the limit, and the next one is made near its median, alternately below and
 * above. When looks miss at rates that were met before, it returns to a rate that was met, to see whether the server
 * recovers. The next rate depends only on the looks so far. Pure.
 */
import { normalCdf } from '../../../core/stats/distributions.ts';

export interface Look {
  readonly rate: number;
  readonly isMet: boolean;
  /** The load generator could not send this rate, however often it was tried: that says nothing about the servers. */
  readonly byGenerator?: true;
}

export type Phase = 'doubling' | 'halving' | 'recovery' | 'bisection';

export interface NextLook {
  readonly phase: Phase;
  readonly rate: number;
}

/**
 * The first rate, as a part of a closed loop's throughput, and the range of the search. Its doublings are 0.7 and 1.4 of that
 * throughput. One at the throughput itself would be a poor rate for the recovery look, which could miss by chance.
 */
const FIRST = 0.175;
const LEAST = 1 / 256;
/** The upper end is generous: the closed loop may have been disturbed, and open loops may use more connections. */
const MOST = 8;
const STEPS = 800;
/**
 * How much the limit varies between looks: the standard deviation of its logarithm. It is estimated from the looks, so
 * consistent looks give a narrow interval, and inconsistent ones a wide one.
 */
const SPREADS = [0.01, 0.02, 0.04, 0.08, 0.16] as const;
/** Probabilities that the machine disturbs a look, so that it misses below the limit, with the prior of each. */
const DISTURBED = [
  { chance: 0.02, prior: 0.5 },
  { chance: 0.1, prior: 0.3 },
  { chance: 0.3, prior: 0.2 },
] as const;
/**
 * The prior of the limit's logarithm is a Cauchy distribution around the closed loop's throughput. Its tails are heavy, so the
 * search also finds a limit at a hundredth of that.
 */
const PRIOR_SCALE = 0.5;
/** The probability that a look above the limit meets the objective. */
const LUCKY = 0.01;
/**
 * Until a look after the first failure is met, a second miss leads back to the last good rate, twice, and then to the lowest
 * one. The limit may be just above the last good rate, which a server that has recovered then misses by chance.
 */
const FIRST_RECOVERY = { misses: 2, atLast: 2, looks: 3 } as const;
/**
 * A server may also break later, in a longer look. Three misses in a row at rates no higher than one that was met lead back to
 * the lowest rate, twice.
 */
const LATER_RECOVERY = { surprises: 3, looks: 5 } as const;

/**
 * The generator's limit is relevant only above the rates it has sent, and below those that the servers could not
 * serve.
 */
function stillTrue(looks: readonly Look[]): readonly Look[] {
  const own = looks.filter(({ byGenerator }) => byGenerator !== true);
  const isKnown = (limit: number) => own.some(({ rate, isMet }) => (isMet ? rate >= limit : rate <= limit));
  return looks.filter(({ rate, byGenerator }) => byGenerator !== true || !isKnown(rate));
}

/**
 * @param saturated requests per second of a closed loop
 * @param first the first rate; it only decides where looks are made, not what follows from them
 *
 * @returns null if the search is complete
 */
export function nextLook(all: readonly Look[], saturated: number, first = FIRST * saturated): NextLook | null {
  const looks = stillTrue(all);
  const kept = looks.filter(({ isMet }) => isMet).map(({ rate }) => rate);
  const broken = looks.filter(({ isMet }) => !isMet).map(({ rate }) => rate);
  if (looks.length === 0) return { phase: 'doubling', rate: first };
  if (broken.length === 0) {
    const rate = 2 * Math.max(...kept);
    return rate > MOST * saturated * 1.001 ? null : { phase: 'doubling', rate };
  }
  if (kept.length === 0) {
    const rate = Math.min(...broken) / 2;
    return rate < LEAST * saturated ? null : { phase: 'halving', rate };
  }
  const recovery = recoveryOf(looks);
  if (recovery?.isSought === true) return { phase: 'recovery', rate: recovery.rate };
  if (recovery?.recovered === false) return null;
  const belief = new Belief(looks, saturated);
  return { phase: 'bisection', rate: belief.quantile(looks.length % 2 === 0 ? 0.4 : 0.6) };
}

export interface Recovery {
  /** Where it is tried: at a rate that met the objective before. */
  readonly rate: number;
  /** Null if that is unknown. */
  readonly recovered: boolean | null;
  /** Whether another look will decide. */
  readonly isSought: boolean;
}

/** The looks since the last one that met the objective, and what they are compared with. */
interface Streak {
  readonly looks: readonly Look[];
  /** Those at rates no higher than one that was met. */
  readonly surprising: readonly Look[];
  /** The highest and the lowest rate that was met. */
  readonly top: number;
  readonly lowest: number;
}

function streakOf(looks: readonly Look[]): Streak {
  const rates = looks.filter(({ isMet }) => isMet).map(({ rate }) => rate);
  const [top, lowest] = [Math.max(...rates), Math.min(...rates)];
  const since = looks.slice(1 + looks.findLastIndex(({ isMet }) => isMet));
  return { looks: since, surprising: since.filter(({ rate }) => rate <= top), top, lowest };
}

/** @returns null if no server failed, or none met the objective before, so that there is no rate to return to */
export function recoveryOf(looks: readonly Look[]): Recovery | null {
  const first = looks.findIndex(({ isMet, byGenerator }) => !isMet && byGenerator !== true);
  if (!looks.slice(0, Math.max(0, first)).some(({ isMet }) => isMet)) return null;
  const { looks: since, surprising, top, lowest } = streakOf(looks);
  const count = surprising.length;
  const isKnown = surprising.every(({ byGenerator }) => byGenerator !== true);
  if (looks.slice(first).some(({ isMet }) => isMet)) {
    const { surprises, looks: most } = LATER_RECOVERY;
    if (count < surprises || (count >= most && !isKnown)) return { rate: lowest, recovered: true, isSought: false };
    return { rate: lowest, recovered: count < most ? null : false, isSought: count < most };
  }
  const { misses, atLast, looks: most } = FIRST_RECOVERY;
  const rate = count < atLast ? top : lowest;
  const isSought = count < most && since.length >= misses;
  return { rate, recovered: count >= most && isKnown ? false : null, isSought };
}

/** The looks before a server broke for good, with the one that broke it. */
function beforeBreaking(looks: readonly Look[]): readonly Look[] {
  const { looks: since, top } = streakOf(looks);
  const [breaking] = since;
  const isOverload = breaking !== undefined && breaking.rate > top;
  return looks.slice(0, looks.length - since.length + (isOverload ? 1 : 0));
}

/** `byGenerator`: the load generator was a limit, so the servers may handle more than the answer says. */
export type Answer =
  /** The distribution of the limit: its median and 95 % interval. */
  | {
      readonly kind: 'found';
      readonly rate: number;
      readonly low: number;
      readonly high: number;
      readonly recovered: boolean | null;
      readonly byGenerator: boolean;
    }
  /** Even the lowest rate that was tried missed the objective. */
  | { readonly kind: 'none'; readonly lowest: number; readonly byGenerator: boolean }
  /** No rate that was tried missed it. */
  | { readonly kind: 'any'; readonly highest: number; readonly byGenerator: false }
  /** The generator could not send any rate that was tried: nothing is known about the servers. */
  | { readonly kind: 'unknown'; readonly lowest: number; readonly byGenerator: true };

/** The answer from these looks, however few; null for none. @param noise if other searches have shown it */
export function answerOf(all: readonly Look[], saturated: number, noise?: Noise): Answer | null {
  const looks = stillTrue(all);
  if (looks.length === 0) return null;
  const byGenerator = looks.some((look) => look.byGenerator === true);
  const kept = looks.filter(({ isMet }) => isMet);
  if (kept.length === looks.length) {
    return { kind: 'any', highest: Math.max(...looks.map(({ rate }) => rate)), byGenerator: false };
  }
  if (kept.length === 0) {
    const missed = looks.filter((look) => look.byGenerator !== true);
    const lowest = Math.min(...(missed.length === 0 ? looks : missed).map(({ rate }) => rate));
    return missed.length === 0 ? { kind: 'unknown', lowest, byGenerator: true } : { kind: 'none', lowest, byGenerator };
  }
  const recovered = recoveryOf(looks)?.recovered ?? null;
  // The behaviour of a server that is permanently broken says nothing about the load that broke it.
  const belief = new Belief(recovered === false ? beforeBreaking(looks) : looks, saturated, noise);
  return {
    kind: 'found',
    rate: belief.quantile(0.5),
    low: belief.quantile(0.025),
    high: belief.quantile(0.975),
    recovered,
    byGenerator,
  };
}

/** At this many spreads from the limit, the spread no longer matters. */
const FAR = 5;

/** The probability that a rate is below the limit, which is `distance` above it and varies by `spread` (logarithms). */
function below(distance: number, spread: number): number {
  if (Math.abs(distance) > FAR * spread) return distance > 0 ? 1 : 0;
  return normalCdf(distance / spread);
}

/**
 * How looks vary: the probability of each pair of `SPREADS` and `DISTURBED`, in one row for each spread. They belong to the
 * machine and the servers, so several searches together show them better than one.
 */
export type Noise = readonly (readonly number[])[];

const PRIOR_NOISE: Noise = SPREADS.map(() => DISTURBED.map(({ prior }) => prior / SPREADS.length));

/** For each search, the noise that the looks of all others show. */
export function noiseOfOthers(
  searches: readonly { readonly looks: readonly Look[]; readonly saturated: number }[],
): readonly Noise[] {
  const each = searches.map(({ looks, saturated }) =>
    new Belief(stillTrue(looks), saturated).evidence.map((row) => row.map(Math.log)),
  );
  const at = (evidence: Noise | undefined, i: number, j: number) => evidence?.[i]?.[j] ?? 0;
  const all = PRIOR_NOISE.map((row, i) =>
    row.map((prior, j) => each.reduce((sum, own) => sum + at(own, i, j), Math.log(prior))),
  );
  return each.map((own) => {
    const logs = all.map((row, i) => row.map((log, j) => log - at(own, i, j)));
    const highest = Math.max(...logs.flat());
    return logs.map((row) => row.map((log) => Math.exp(log - highest)));
  });
}

/**
 * The posterior distribution of the limit, over rates evenly spaced on a logarithmic scale. A look at `rate` meets the
 * objective with probability `(1 - disturbed) Φ(ln(limit / rate) / spread)`, a psychometric function with lapses (Wichmann &
 * Hill 2001). The posterior is averaged over `spread` and `disturbed`.
 */
class Belief {
  /** How well each pair of spread and disturbance explains the looks. */
  readonly evidence: readonly (readonly number[])[];
  readonly #rates: readonly number[];
  readonly #weights: readonly number[];
  /** The difference of the logarithms of neighbouring rates. */
  readonly #step: number;

  constructor(looks: readonly Look[], saturated: number, noise: Noise = PRIOR_NOISE) {
    const [low, high] = [Math.log(LEAST * saturated), Math.log(MOST * saturated)];
    this.#step = (high - low) / STEPS;
    const limits = Array.from({ length: STEPS }, (_, i) => low + (i + 0.5) * this.#step);
    this.#rates = limits.map((limit) => Math.exp(limit));
    const prior = Float64Array.from(limits, (limit) => 1 / (1 + ((limit - Math.log(saturated)) / PRIOR_SCALE) ** 2));
    const total = prior.reduce((sum, value) => sum + value, 0);
    const weights = new Float64Array(STEPS);
    const beneath = new Float64Array(STEPS);
    this.evidence = SPREADS.map((spread, row) => {
      const each = DISTURBED.map(({ chance }) => ({ chance, likelihood: prior.slice() }));
      for (const { rate, isMet } of looks) {
        const at = Math.log(rate);
        for (let i = 0; i < STEPS; i++) beneath[i] = below((limits[i] as number) - at, spread);
        for (const { chance, likelihood } of each) {
          const most = 1 - chance - LUCKY;
          for (let i = 0; i < STEPS; i++) {
            const met = LUCKY + most * (beneath[i] as number);
            likelihood[i] = (likelihood[i] as number) * (isMet ? met : 1 - met);
          }
        }
      }
      return each.map(({ likelihood }, column) => {
        const own = noise[row]?.[column] ?? 0;
        for (let i = 0; i < STEPS; i++) weights[i] = (weights[i] as number) + own * (likelihood[i] as number);
        return likelihood.reduce((sum, value) => sum + value, 0) / total;
      });
    });
    const sum = weights.reduce((a, b) => a + b, 0);
    this.#weights = Array.from(weights, (weight) => weight / sum);
  }

  quantile(probability: number): number {
    let sum = 0;
    for (const [i, weight] of this.#weights.entries()) {
      const below = sum;
      sum += weight;
      if (sum < probability) continue;
      const part = (probability - below) / weight - 0.5;
      return (this.#rates[i] as number) * Math.exp(part * this.#step);
    }
    return this.#rates.at(-1) as number;
  }
}
