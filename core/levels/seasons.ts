/**
 * The season of a series: a costlier day of the week, a busy month of the year. It hides steps, and a fit without it
 * mistakes it for correlated noise. Pure.
 */
import { trimmedMean } from '../stats/location.ts';

export interface Season {
  /** The number of values after which it repeats. */
  readonly period: number;
  /** The effect of each place in the period, beginning with place 0; they add up to zero. */
  readonly effects: readonly number[];
}

/** Whole numbers from 0 on. */
type Places = readonly number[];

/** A month of days. Longer periods repeat too seldom in a history to be distinguished from levels. */
const LONGEST_PERIOD = 31;
/** Each place occurs at least this often, so that an outlier or a change of level is trimmed away. */
const LEAST_CYCLES = 5;

/**
 * The period that explains most, if it explains more than the Bayesian information criterion charges for its
 * parameters. Each value is compared with the mean of the period around it, which removes its level. Trimmed means
 * over the cycles are robust against the few values next to a change, and against outliers. @param values finite
 * @param leastSpread the lowest spread assumed for the noise @param places of the values, ascending: if some were
 * left out, the others keep theirs. Consecutive by default
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
    // Twice the log-likelihood ratio for Laplace noise, since the medians measure absolute deviations.
    const gain = 2 * offs.length * Math.log(without / within) - (period - 1) * Math.log(count);
    if (gain > (best?.gain ?? leastGain(count))) best = { season: { period, effects }, gain };
  }
  return best?.season ?? null;
}

/** Thirty periods are tried, and any could win by chance. */
const leastGain = (count: number) => 2 * Math.log(LONGEST_PERIOD) + 2 * Math.log(count);

/** The seasonal effect at a place. */
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

/** Differences between values and the mean of the period around them, from index `half` on. */
function offsFromAround(values: readonly number[], sums: Float64Array, period: number): Float64Array {
  const half = Math.floor(period / 2);
  const offs = new Float64Array(values.length - 2 * half);
  for (let j = 0; j < offs.length; j++) {
    const sum = (sums[j + 2 * half + 1] as number) - (sums[j] as number);
    // With an even period, both ends belong to the same place, and each counts half.
    const ends = period % 2 === 0 ? ((values[j] as number) + (values[j + 2 * half] as number)) / 2 : 0;
    offs[j] = (values[j + half] as number) - (sum - ends) / period;
  }
  return offs;
}

/** The effect of each place in the period. @param places of the differences @returns null if one never occurs */
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
