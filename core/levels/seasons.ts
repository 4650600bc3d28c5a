/**
 * What repeats in a series: a costlier day of the week, a busy month of the year. Steps are hidden by it, and a fit without
 * it takes it for correlated noise. Pure.
 */
import { trimmedMean } from '../stats/location.ts';

export interface Season {
  /** After how many values it repeats. */
  readonly period: number;
  /** What each place in the period adds, beginning with that of the first value; together they add nothing. */
  readonly effects: readonly number[];
}

/** A month of days. Longer periods repeat too seldom in a history to be told from levels. */
const LONGEST_PERIOD = 31;
/** Each place is seen this often at least, so that a wild value or a change of level is trimmed away. */
const LEAST_CYCLES = 5;

/**
 * The period that explains most, if it explains more than its parameters cost by the Bayesian information criterion. Each
 * value is compared with the mean of the period around it, which holds its level. Trimmed means over the cycles are robust
 * against the few values beside a change, and against wild ones.
 * @param values at equal steps, finite
 * @param leastSpread the least spread that the noise is assumed to have
 */
export function seasonOf(values: readonly number[], leastSpread: number): Season | null {
  const count = values.length;
  const sums = runningSums(values);
  let best: { season: Season; gain: number } | null = null;
  for (let period = 2; period <= Math.min(LONGEST_PERIOD, Math.floor(count / LEAST_CYCLES)); period++) {
    const offs = offsFromAround(values, sums, period);
    const effects = effectsOf(offs, period);
    const without = spreadOf(offs, NO_EFFECTS) + leastSpread;
    const within = spreadOf(offs, effects) + leastSpread;
    // Twice the logarithm of the likelihood ratio of noise whose absolute size is measured, as the medians measure it.
    const gain = 2 * offs.length * Math.log(without / within) - (period - 1) * Math.log(count);
    if (gain > (best?.gain ?? leastGain(count))) best = { season: { period, effects: inOrder(effects, period) }, gain };
  }
  return best?.season ?? null;
}

/** Thirty periods are tried, and each could win by chance. */
const leastGain = (count: number) => 2 * Math.log(LONGEST_PERIOD) + 2 * Math.log(count);

export const withoutSeason = (values: readonly number[], { period, effects }: Season) =>
  values.map((value, i) => value - (effects[i % period] as number));

function runningSums(values: readonly number[]): Float64Array {
  const sums = new Float64Array(values.length + 1);
  for (const [i, value] of values.entries()) sums[i + 1] = (sums[i] as number) + value;
  return sums;
}

/** What values are off by from the mean of the period around them, from that of index `half` on. */
function offsFromAround(values: readonly number[], sums: Float64Array, period: number): Float64Array {
  const half = Math.floor(period / 2);
  const offs = new Float64Array(values.length - 2 * half);
  for (let j = 0; j < offs.length; j++) {
    const sum = (sums[j + 2 * half + 1] as number) - (sums[j] as number);
    // Of an even period both ends belong to the same place, and count half.
    const ends = period % 2 === 0 ? ((values[j] as number) + (values[j + 2 * half] as number)) / 2 : 0;
    offs[j] = (values[j + half] as number) - (sum - ends) / period;
  }
  return offs;
}

/** What each place adds, beginning with that of the first distance. */
function effectsOf(offs: Float64Array, period: number): number[] {
  const raw = Array.from({ length: period }, (_, place) => {
    const ofPlace: number[] = [];
    for (let j = place; j < offs.length; j += period) ofPlace.push(offs[j] as number);
    return trimmedMean(ofPlace, 0.2);
  });
  const mean = raw.reduce((sum, effect) => sum + effect, 0) / period;
  return raw.map((effect) => effect - mean);
}

/** The effects beginning with that of the first value: the first distance is that of index `half`. */
function inOrder(effects: readonly number[], period: number): number[] {
  const before = period - Math.floor(period / 2);
  return [...effects.slice(before), ...effects.slice(0, before)];
}

const NO_EFFECTS = [0];

function spreadOf(offs: Float64Array, effects: readonly number[]): number {
  let sum = 0;
  for (let place = 0; place < effects.length; place++) {
    const effect = effects[place] as number;
    for (let j = place; j < offs.length; j += effects.length) sum += Math.abs((offs[j] as number) - effect);
  }
  return sum / offs.length;
}
