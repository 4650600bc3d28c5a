/**
 * What repeats in a series: a costlier day of the week, a busy month of the year. Steps are hidden by it, and a fit without
 * it takes it for correlated noise. Pure.
 */
import { trimmedMean } from '../stats/location.ts';

export interface Season {
  /** After how many values it repeats. */
  readonly period: number;
  /** What each place in the period adds, beginning with place 0; together they add nothing. */
  readonly effects: readonly number[];
}

/** Whole numbers from 0 on. */
type Places = readonly number[];

/** A month of days. Longer periods repeat too seldom in a history to be told from levels. */
const LONGEST_PERIOD = 31;
/** Each place is seen this often at least, so that a wild value or a change of level is trimmed away. */
const LEAST_CYCLES = 5;

/**
 * The period that explains most, if it explains more than its parameters cost by the Bayesian information criterion. Each
 * value is compared with the mean of the period around it, which holds its level. Trimmed means over the cycles are robust
 * against the few values beside a change, and against wild ones.
 * @param values finite
 * @param leastSpread the least spread that the noise is assumed to have
 * @param places of the values, ascending: where some were left out, the others keep theirs. One after another by default
 */
export function seasonOf(
  values: readonly number[],
  leastSpread: number,
  places: Places = [...values.keys()],
): Season | null {
  const count = values.length;
  const sums = runningSums(values);
  let best: { season: Season; gain: number } | null = null;
  for (let period = 2; period <= Math.min(LONGEST_PERIOD, Math.floor(count / LEAST_CYCLES)); period++) {
    const offs = offsFromAround(values, sums, period);
    const own = places.slice(Math.floor(period / 2));
    const effects = effectsOf(offs, own, period);
    if (effects === null) continue;
    const without = spreadOf(offs, own, NO_EFFECTS) + leastSpread;
    const within = spreadOf(offs, own, effects) + leastSpread;
    // Twice the logarithm of the likelihood ratio of noise whose absolute size is measured, as the medians measure it.
    const gain = 2 * offs.length * Math.log(without / within) - (period - 1) * Math.log(count);
    if (gain > (best?.gain ?? leastGain(count))) best = { season: { period, effects }, gain };
  }
  return best?.season ?? null;
}

/** Thirty periods are tried, and each could win by chance. */
const leastGain = (count: number) => 2 * Math.log(LONGEST_PERIOD) + 2 * Math.log(count);

/** What a season adds at a place. */
export const seasonAt = ({ period, effects }: Season, place: number): number => effects[place % period] as number;

export const withoutSeason = (
  values: readonly number[],
  season: Season,
  places: Places = [...values.keys()],
): number[] => values.map((value, i) => value - seasonAt(season, places[i] as number));

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

/**
 * What each place in the period adds.
 * @param places of the distances
 * @returns null where one was never seen
 */
function effectsOf(offs: Float64Array, places: Places, period: number): number[] | null {
  const byPlace = Array.from({ length: period }, (): number[] => []);
  for (let j = 0; j < offs.length; j++) byPlace[(places[j] as number) % period]?.push(offs[j] as number);
  if (byPlace.some(({ length }) => length === 0)) return null;
  const raw = byPlace.map((ofPlace) => trimmedMean(ofPlace, 0.2));
  const mean = raw.reduce((sum, effect) => sum + effect, 0) / period;
  return raw.map((effect) => effect - mean);
}

const NO_EFFECTS = [0];

function spreadOf(offs: Float64Array, places: Places, effects: readonly number[]): number {
  let sum = 0;
  for (let j = 0; j < offs.length; j++) {
    sum += Math.abs((offs[j] as number) - (effects[(places[j] as number) % effects.length] as number));
  }
  return sum / offs.length;
}
