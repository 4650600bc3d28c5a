/**
 * Where a series changes its level. Correlated noise, a steady drift, a season and aimless wandering also explain a series
 * that does not stay where it was. The explanation with the least penalised likelihood is taken.
 */
import { type Season, seasonOf, withoutSeason } from './seasons.ts';
import { type NoiseModel, scratchFor, segmentation } from './segmentation.ts';
import { wanderingFit } from './wandering.ts';

export interface LevelFit {
  /** The index at which each level after the first begins, ascending. */
  readonly points: readonly number[];
  /** The correlation of neighbouring values about their level: 0, or a value of the grid below 1. */
  readonly correlation: number;
  /** What the series rises by from one value to the next, apart from changes of level; often 0. */
  readonly drift: number;
  /** What repeats, apart from changes of level; often nothing. */
  readonly season: Season | null;
}

export interface ScoredFit {
  readonly fit: LevelFit;
  /** Twice the negative log-likelihood and what the parameters cost; the less the better. */
  readonly score: number;
}

/** A level stands when three values make it: of two, one may be wild, and their median is neither. */
export const LEAST_IN_A_LEVEL = 3;
/** How far a level wanders from value to value, as a variance relative to that of the noise. */
const WANDERINGS = [0.01, 0.03, 0.1, 0.3, 1, 3];
/** Close to 1 the noise is a random walk: the series has no level to change. */
const CORRELATIONS = [0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 0.99];
/** More changes than this in a history are not read, and each costs a pass. */
const MOST_LEVELS = 26;
/** Above this many boundaries, only some are tried at first: time grows with their square. */
const MOST_BOUNDARIES = 600;
/** A drift and the changes about it are fitted in turns, and settle within two or three. */
const DRIFT_PASSES = 4;

/**
 * What a change must improve, in units of the logarithm of the number of values. A place and a level are two parameters,
 * so that the Bayesian information criterion asks for 2; places are many, so modified criteria ask for 3 (Zhang &
 * Siegmund 2007). Short series know their noise and its correlation badly, and need more. Set by simulation, as
 * `npm run history -- calibrate` prints it.
 */
function penaltyFor(count: number): number {
  return 2 * Math.min(2.2, 1.5 + 9 / count);
}

/**
 * @param values at equal steps, finite
 * @param leastSpread the least spread that the noise is assumed to have: repeated counts have none at all
 * @param places of the values where some were left out: what repeats does so by place. One after another by default
 */
export const fitLevels = (values: readonly number[], leastSpread: number, places?: readonly number[]): LevelFit =>
  scoredLevels(values, leastSpread, places).fit;

/** The same, and how well it explains the values. */
export function scoredLevels(values: readonly number[], leastSpread: number, places?: readonly number[]): ScoredFit {
  const plain = fitPlain(values, leastSpread);
  const season = seasonOf(values, leastSpread, places);
  if (season === null) return plain;
  const steady = fitPlain(withoutSeason(values, season, places), leastSpread);
  // All effects but one, and the period, which is chosen from many.
  const score = steady.score + (season.period + 1) * Math.log(values.length);
  return score < plain.score ? { fit: { ...steady.fit, season }, score } : plain;
}

/** The best fit in which nothing repeats. */
function fitPlain(values: readonly number[], leastSpread: number): ScoredFit {
  const count = values.length;
  const none: LevelFit = { points: [], correlation: 0, drift: 0, season: null };
  if (count < 2 * LEAST_IN_A_LEVEL) return { fit: none, score: 0 };
  const unit = Math.log(count);
  const most = Math.min(MOST_LEVELS, Math.floor(count / LEAST_IN_A_LEVEL));
  const least = Math.max(count * leastSpread ** 2, Number.MIN_VALUE);
  const stride = Math.ceil(count / MOST_BOUNDARIES);
  const scratch = scratchFor(count, stride);
  let best: ScoredFit = { fit: none, score: Number.POSITIVE_INFINITY };
  const tried = (correlation: number, drift: number) => {
    const scoreOf = (segments: number, error: number) =>
      count * Math.log((error + least) / count) -
      segments * Math.log(1 - correlation ** 2) +
      penaltyFor(count) * unit * (segments - 1);
    const model: NoiseModel = { correlation, drift, minSize: LEAST_IN_A_LEVEL, stride };
    const { points, score: likelihood } = segmentation(values, model, most, scoreOf, scratch);
    const score = likelihood + (correlation > 0 ? unit : 0) + (drift !== 0 ? unit : 0);
    if (score < best.score) best = { fit: { ...none, points, correlation, drift }, score };
    return { points, score };
  };
  for (const correlation of CORRELATIONS) tried(correlation, 0);
  // What a drift explains looks like correlation without it, so little correlation is tried as well.
  for (const correlation of new Set([0, 0.4, best.fit.correlation])) {
    let drift = driftAbout(values, []);
    let before = Number.POSITIVE_INFINITY;
    for (let pass = 0; pass < DRIFT_PASSES; pass++) {
      const { points, score } = tried(correlation, drift);
      if (score > before - 1e-6) break;
      before = score;
      drift = driftAbout(values, points);
    }
  }
  const wandering = bestWandering(values, most - 1, least, none);
  // Steps are chosen from very many, so wandering is preferred if it explains the series nearly as well with fewer.
  const margin = best.fit.points.length > wandering.fit.points.length ? unit : 0;
  return wandering.score - margin < best.score ? wandering : best;
}

/** The best fit in which the level wanders as well. */
function bestWandering(values: readonly number[], most: number, least: number, none: LevelFit): ScoredFit {
  const unit = Math.log(values.length);
  const rules = { penalty: penaltyFor(values.length) * unit, minSize: LEAST_IN_A_LEVEL, most };
  const fits = [0, driftAbout(values, [])].flatMap((drift) => {
    const steady = values.map((value, i) => value - drift * i);
    return WANDERINGS.map((ratio): ScoredFit => {
      const { points, score } = wanderingFit(steady, ratio, least, rules);
      return { fit: { ...none, points, drift }, score: score + (drift === 0 ? unit : 2 * unit) };
    });
  });
  return fits.reduce((best, fit) => (fit.score < best.score ? fit : best));
}

/** The common slope of all segments, each about its own mean: least squares. */
function driftAbout(values: readonly number[], points: readonly number[]): number {
  const bounds = [0, ...points, values.length];
  let product = 0;
  let square = 0;
  for (const [i, end] of bounds.slice(1).entries()) {
    const start = bounds[i] as number;
    const part = values.slice(start, end);
    const middle = (part.length - 1) / 2;
    const mean = part.reduce((sum, value) => sum + value, 0) / part.length;
    for (const [j, value] of part.entries()) {
      product += (j - middle) * (value - mean);
      square += (j - middle) ** 2;
    }
  }
  return square > 0 ? product / square : 0;
}
