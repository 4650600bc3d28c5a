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
    const season = { period, effects: effectsOf(offs, period) };
    const without = spreadOf(offs, () => 0) + leastSpread;
    const within = spreadOf(offs, (i) => season.effects[i % period] as number) + leastSpread;
    // Twice the logarithm of the likelihood ratio of noise whose absolute size is measured, as the medians measure it.
    const gain = 2 * offs.length * Math.log(without / within) - (period - 1) * Math.log(count);
    if (gain > (best?.gain ?? leastGain(count))) best = { season, gain };
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

/** What a value is off by from the mean of the period around it: its index, and the distance. */
type Off = readonly [index: number, off: number];

function offsFromAround(values: readonly number[], sums: Float64Array, period: number): Off[] {
  const half = Math.floor(period / 2);
  const offs: Off[] = [];
  for (let i = half; i < values.length - half; i++) {
    const sum = (sums[i + half + 1] as number) - (sums[i - half] as number);
    // Of an even period both ends belong to the same place, and count half.
    const ends = period % 2 === 0 ? ((values[i - half] as number) + (values[i + half] as number)) / 2 : 0;
    offs.push([i, (values[i] as number) - (sum - ends) / period]);
  }
  return offs;
}

function effectsOf(offs: readonly Off[], period: number): number[] {
  const raw = Array.from({ length: period }, (_, place) =>
    trimmedMean(
      offs.flatMap(([i, off]) => (i % period === place ? [off] : [])),
      0.2,
    ),
  );
  const mean = raw.reduce((sum, effect) => sum + effect, 0) / period;
  return raw.map((effect) => effect - mean);
}

const spreadOf = (offs: readonly Off[], expected: (index: number) => number) =>
  offs.reduce((sum, [i, off]) => sum + Math.abs(off - expected(i)), 0) / offs.length;
