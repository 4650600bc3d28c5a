/**
 * Finds the changes of level in a series. Correlated noise, a steady drift, a trend that bends, a season and a random
 * walk also explain a series that does not stay level. The explanation with the lowest penalised score is chosen.
 */
import { withExactEnds } from './ends.ts';
import { type Season, seasonOf, withoutSeason } from './seasons.ts';
import { errorOf, type NoiseModel, scratchFor, segmentation } from './segmentation.ts';
import { type Bend, curveScore, slopesFit } from './slopes.ts';
import { wanderingFit } from './wandering.ts';

export interface LevelFit {
  /** The index at which each level after the first begins, ascending. */
  readonly points: readonly number[];
  /** The correlation of neighbouring values about their level: 0, or a value of the grid below 1. */
  readonly correlation: number;
  /** The rise from one value to the next, apart from changes of level; often 0. */
  readonly drift: number;
  /**
   * Whether the series clearly drifts: by as much as a bend needs, no explanation without a drift is as good. Without
   * that, a drift only stands beside the changes of level.
   */
  readonly isDriftClear: boolean;
  /** The season, apart from changes of level; often none. */
  readonly season: Season | null;
  /** Where a trend bends, ascending. Without one, levels or a single drift explain the series. */
  readonly bends: readonly Bend[];
}

export interface ScoredFit {
  readonly fit: LevelFit;
  /** Twice the negative log-likelihood plus the penalty for parameters; lower is better. */
  readonly score: number;
}

/**
 * A level needs three values: of two, one may be an outlier, and their median is not robust. Only the first and the last
 * level may have two, since the rest of theirs was not measured.
 */
const LEAST_IN_A_LEVEL = 3;
/** Variances of the random walk from value to value, relative to that of the noise. */
const WANDERINGS = [0.01, 0.03, 0.1, 0.3, 1, 3];
/** Near 1 the noise is a random walk, and the series has no level to change. */
const CORRELATIONS = [0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 0.99];
/** The same for a trend that bends; fewer, since bends explain much of what looks like correlation. */
const SLOPE_CORRELATIONS = [0, 0.4, 0.8, 0.99];
/** Nobody reads more changes than this, and each costs a pass. */
const MOST_LEVELS = 26;
/** With more boundaries than this, only some are tried at first, because time grows with their square. */
const MOST_BOUNDARIES = 600;
/** The drift and the changes are fitted alternately, and converge within two or three passes. */
const DRIFT_PASSES = 4;

/**
 * The improvement that a change must bring, in units of the logarithm of the number of values. A position and a level
 * are two parameters, so the Bayesian information criterion asks for 2; since positions are many, modified criteria
 * ask for 3 (Zhang & Siegmund 2007). In short series the noise and its correlation are poorly known, so the penalty
 * is higher. Set by simulation, as printed by `npm run history -- calibrate`.
 */
function penaltyFor(count: number): number {
  return 2 * Math.min(2.2, 1.5 + 9 / count);
}

/** The evidence that any change in a series has to have: twice the logarithm of a likelihood ratio. */
export const leastEvidence = (count: number): number => penaltyFor(count) * Math.log(Math.max(2, count));

/**
 * @param values at equal steps, finite @param leastSpread the lowest spread assumed for the noise: repeated counts
 * have none @param places of the values, if some were left out: a season follows places. Consecutive by default
 */
export const fitLevels = (values: readonly number[], leastSpread: number, places?: readonly number[]): LevelFit =>
  scoredLevels(values, leastSpread, places).fit;

/**
 * The same, with its score.
 * @param season what `seasonOf` finds in the values, where it is known
 */
export function scoredLevels(
  values: readonly number[],
  leastSpread: number,
  places?: readonly number[],
  season = seasonOf(values, leastSpread, places),
): ScoredFit {
  const plain = fitPlain(values, leastSpread);
  if (season === null) return plain;
  const steady = fitPlain(withoutSeason(values, season, places), leastSpread);
  // All effects but one, and the period, which was chosen from many.
  const score = steady.score + (season.period + 1) * Math.log(values.length);
  return score < plain.score ? { fit: { ...steady.fit, season }, score } : plain;
}

/** The best fit without a season. */
function fitPlain(values: readonly number[], leastSpread: number): ScoredFit {
  const { fit, score } = bestPlain(values, leastSpread);
  if (fit.drift !== 0) {
    const count = values.length;
    const least = Math.max(count * leastSpread ** 2, Number.MIN_VALUE);
    const needed = slopeMargin(count) * Math.log(count);
    const isDriftClear = scoreWithoutDrift(values, fit.points, least) - score >= needed;
    if (isDriftClear) return { fit: withEnds(values, { ...fit, isDriftClear }), score };
  }
  return { fit: withEnds(values, fit), score };
}

function withEnds(values: readonly number[], fit: LevelFit): LevelFit {
  if (fit.points.length === 0) return fit;
  const steady = values.map((value, i) => value - fit.drift * i);
  return { ...fit, points: withExactEnds(steady, fit.points, LEAST_IN_A_LEVEL) };
}

/** The best score of an explanation without a drift and with these changes of level, or of a wandering level. */
function scoreWithoutDrift(values: readonly number[], points: readonly number[], least: number): number {
  const count = values.length;
  const unit = Math.log(count);
  const scores = CORRELATIONS.map((correlation) => {
    const error = errorOf(values, points, { correlation, drift: 0, minSize: LEAST_IN_A_LEVEL, stride: 1 });
    const likelihood = count * Math.log((error + least) / count) - (points.length + 1) * Math.log(1 - correlation ** 2);
    return likelihood + penaltyFor(count) * unit * points.length + (correlation > 0 ? unit : 0);
  });
  const rules = { penalty: penaltyFor(count) * unit, minSize: LEAST_IN_A_LEVEL, most: points.length };
  const wandering = WANDERINGS.map((ratio) => wanderingFit(values, ratio, least, rules).score + unit);
  return Math.min(...scores, ...wandering);
}

function bestPlain(values: readonly number[], leastSpread: number): ScoredFit {
  const count = values.length;
  const none: LevelFit = { points: [], correlation: 0, drift: 0, isDriftClear: false, season: null, bends: [] };
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
  // Without a drift, its effect looks like correlation, so low correlations are tried as well.
  for (const correlation of new Set([0, 0.4, best.fit.correlation])) {
    let drift = driftAbout(values, []);
    let before = Number.POSITIVE_INFINITY;
    for (let pass = 0; pass < DRIFT_PASSES; pass++) {
      const { points, score } = tried(correlation, drift);
      if (score > before - 1e-6) break;
      before = score;
      const next = driftAbout(values, points);
      if (next === drift) break;
      drift = next;
    }
  }
  const wandering = bestWandering(values, most - 1, least, none);
  // Steps are chosen from very many, so a random walk is preferred if it explains the series nearly as well with
  // fewer steps.
  const margin = best.fit.points.length > wandering.fit.points.length ? unit : 0;
  const chosen = wandering.score - margin < best.score ? wandering : best;
  // Most series are plain noise about one level or two; a trend would have left correlation in it.
  const { points, correlation, drift } = chosen.fit;
  if (chosen === best && points.length <= 1 && correlation === 0 && drift === 0) return chosen;
  const slopes = bestSlopes(values, least, none);
  const needed = points.length > 0 ? 0 : slopeMargin(count) * unit;
  return slopes.fit.bends.length > 0 && slopes.score + needed < chosen.score ? slopes : chosen;
}

/**
 * By how much a trend that bends has to explain a series better than an explanation without any change, in units of
 * the logarithm of the number of values. A random walk looks bent, the more so the shorter it is. Set by simulation.
 */
const slopeMargin = (count: number) => 2.5 + 40 / count;

/** The best fit with a trend that bends. */
function bestSlopes(values: readonly number[], least: number, none: LevelFit): ScoredFit {
  const unit = Math.log(values.length);
  const penalty = penaltyFor(values.length) * unit;
  let best: ScoredFit = { fit: none, score: Number.POSITIVE_INFINITY };
  const rest = (correlation: number) => (correlation > 0 ? 2 * unit : unit);
  for (const correlation of SLOPE_CORRELATIONS) {
    const fit = slopesFit(values, correlation, least, penalty);
    const score = fit.score + rest(correlation);
    if (score < best.score) best = { fit: { ...none, bends: fit.bends, correlation }, score };
  }
  if (best.fit.bends.length === 0) return best;
  const curves = SLOPE_CORRELATIONS.map((one) => curveScore(values, one, least) + rest(one));
  return Math.min(...curves) < best.score ? { fit: none, score: Math.min(...curves) } : best;
}

/** The best fit with a level that wanders. */
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

/** The common slope of all segments, each about its own mean, by least squares. */
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
