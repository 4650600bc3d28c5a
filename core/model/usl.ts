/**
 * The Universal Scalability Law (Gunther 1993, 2007): X(N) = λN / (1 + σ(N − 1) + κN(N − 1)). Contention σ flattens
 * the curve, and coherency κ bends it down. κ = 0 gives Amdahl's law, and σ = κ = 0 a straight line.
 */
import { studentQuantile } from '../stats/distributions.ts';
import type { Interval } from '../stats/interval.ts';
import { leastSquares, linearLeastSquares, type Residuals, standardErrors } from './least-squares.ts';

/** Throughput on `n` replicas (or processors, or clients), in any unit. */
export interface ScalePoint {
  readonly n: number;
  readonly throughput: number;
}

export interface Usl {
  /** Throughput of one, in the unit of the points. */
  readonly lambda: number;
  readonly sigma: number;
  readonly kappa: number;
}

/** The terms to fit: `usl` both, `amdahl` without coherency, `linear` neither. */
export type UslKind = 'usl' | 'amdahl' | 'linear';

export class UslError extends Error {
  override readonly name = 'UslError';
}

export function uslThroughput({ lambda, sigma, kappa }: Usl, n: number): number {
  return (lambda * n) / (1 + sigma * (n - 1) + kappa * n * (n - 1));
}

/**
 * The concurrency N ≥ 1 at the highest throughput; Infinity if throughput never falls. It is 1 where σ + κ ≥ 1: a second
 * request only slows the first.
 */
export function uslPeak({ sigma, kappa }: Usl): number {
  return kappa > 0 ? Math.max(1, Math.sqrt(Math.max(0, 1 - sigma) / kappa)) : Number.POSITIVE_INFINITY;
}

/** The most general law for this number of distinct N: with as many parameters as points it would fit any noise. */
export function uslKindFor(differentN: number): UslKind {
  return differentN >= 4 ? 'usl' : differentN >= 2 ? 'amdahl' : 'linear';
}

/** The errors to minimise: relative, since the noise of a throughput grows with it, or absolute. */
export type UslErrors = 'relative' | 'absolute';

export interface UslOptions {
  /**
   * Whether σ and κ stay from 0 to 1, as R's package `usl` fits them; default false. Noise moves a coefficient below 0,
   * where it has no meaning, as often as above the truth, and an interval needs to include that.
   */
  readonly bounded?: boolean;
  /** A known throughput of one, as in Gunther's first method, where it is that measured at N = 1. By default it is fitted. */
  readonly lambda?: number;
}

/**
 * Fits the law by non-linear least squares, on the logarithms of throughputs for relative errors. @param points with at
 * least as many distinct n as there are coefficients to fit; if λ is known, n = 1 does not count @throws {UslError} for too
 * few points, or numbers that are not positive
 */
export function fitUsl(
  points: readonly ScalePoint[],
  kind: UslKind = 'usl',
  errors: UslErrors = 'relative',
  options: UslOptions = {},
): Usl {
  return fitted(points, kind, errors, options).usl;
}

/**
 * Gunther's first method (2007, section 5.5): λN/X(N) − 1 is a parabola through 0 in N − 1, with the coefficients σ + κ and
 * κ, fitted by linear least squares. R's package `usl` before 2.0 did the same. It weighs low throughputs most.
 * @param lambda the throughput of one; by default that measured at n = 1 @throws {UslError} without two other n, without
 * λ, or for numbers that are not positive
 */
export function fitUslByParabola(
  points: readonly ScalePoint[],
  lambda = points.find(({ n }) => n === 1)?.throughput,
): Usl {
  checkPoints(points);
  if (lambda === undefined) throw new UslError('a fit by the parabola needs a point at N = 1, or λ');
  checkLambda(lambda);
  const others = points.filter(({ n }) => n !== 1);
  const solved = linearLeastSquares(
    [others.map(({ n }) => n - 1), others.map(({ n }) => (n - 1) ** 2)],
    others.map(({ n, throughput }) => (lambda * n) / throughput - 1),
  );
  if (solved === null || others.length < 2) throw new UslError('a fit by the parabola needs two different N besides 1');
  const [both = 0, kappa = 0] = solved.solution;
  return { lambda, sigma: both - kappa, kappa };
}

/**
 * Standard errors of the coefficients (as in Gunther's tables, and R's `nls` and `usl`) for a fit to single points, with
 * the residuals as the only noise. They are linearised at the fit, also if a coefficient is at its bound. A coefficient
 * that is not fitted has none: 0. Runs with several blocks use a bootstrap of blocks instead. @returns null if there are
 * no more points than coefficients
 */
export function uslStandardErrors(
  points: readonly ScalePoint[],
  kind: UslKind = 'usl',
  errors: UslErrors = 'relative',
  options: UslOptions = {},
): Usl | null {
  const { names, values, squares, residuals, units } = fitted(points, kind, errors, options);
  const all = standardErrors(residuals, { parameters: values, squares, converged: true });
  if (all === null) return null;
  return named(names, all, units, { lambda: 0, sigma: 0, kappa: 0 });
}

export interface UslIntervalOptions extends UslOptions {
  /** Between 0 and 1; default 0.95. */
  readonly confidence?: number;
  /**
   * `student`, the default, reaches to the quantile (1 + confidence) / 2 of Student's t, with as many degrees of freedom as
   * there are points beyond the fitted coefficients. `confint` of R's package `usl` prints narrower intervals: its quantile
   * is that of `confidence` itself, with one degree of freedom less than points. `r-usl` is for comparisons with it.
   */
  readonly reach?: 'student' | 'r-usl';
}

/**
 * Confidence intervals of the coefficients. An interval may reach below 0. @returns null if there are no more points than
 * coefficients @throws {UslError} as `fitUsl` does
 */
export function uslIntervals(
  points: readonly ScalePoint[],
  kind: UslKind = 'usl',
  errors: UslErrors = 'relative',
  { confidence = 0.95, reach = 'student', ...options }: UslIntervalOptions = {},
): Readonly<Record<keyof Usl, Interval>> | null {
  if (!(confidence > 0 && confidence < 1)) throw new UslError(`a confidence lies in (0, 1), not at ${confidence}`);
  const { usl, names } = fitted(points, kind, errors, options);
  const found = uslStandardErrors(points, kind, errors, options);
  if (found === null) return null;
  const t =
    reach === 'student'
      ? studentQuantile((1 + confidence) / 2, points.length - names.length)
      : studentQuantile(confidence, points.length - 1);
  const around = (name: keyof Usl): Interval => {
    const [value, half] = [usl[name], t * found[name]];
    return { value, low: value - half, high: value + half };
  };
  return { lambda: around('lambda'), sigma: around('sigma'), kappa: around('kappa') };
}

const COEFFICIENTS = ['lambda', 'sigma', 'kappa'] as const;
type Coefficient = (typeof COEFFICIENTS)[number];
/** How many coefficients each kind has, in their order. */
const COUNTS = { usl: 3, amdahl: 2, linear: 1 } as const;

/** Coefficients in units of the fit → in those of the points; those without a value are `others`. Called for each trial. */
function named(names: readonly Coefficient[], values: readonly number[], units: Usl, others: Usl): Usl {
  let { lambda, sigma, kappa } = others;
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as Coefficient;
    const value = (values[i] as number) * units[name];
    if (name === 'lambda') lambda = value;
    else if (name === 'sigma') sigma = value;
    else kappa = value;
  }
  return { lambda, sigma, kappa };
}

function checkLambda(lambda: number): void {
  if (!(lambda > 0 && Number.isFinite(lambda))) throw new UslError(`λ is a positive number, not ${lambda}`);
}

function checkPoints(points: readonly ScalePoint[]): void {
  if (
    points.some(({ n, throughput }) => !(n > 0 && throughput > 0 && Number.isFinite(n) && Number.isFinite(throughput)))
  ) {
    throw new UslError('a fit needs positive numbers');
  }
}

interface Fitted {
  readonly usl: Usl;
  /** The coefficients that were to be fitted, also those that ended at a bound. */
  readonly names: readonly Coefficient[];
  /** Their values in units of the fit. */
  readonly values: readonly number[];
  readonly squares: number;
  readonly residuals: Residuals;
  readonly units: Usl;
}

function fitted(
  points: readonly ScalePoint[],
  kind: UslKind,
  errors: UslErrors,
  { bounded = false, lambda }: UslOptions,
): Fitted {
  checkPoints(points);
  if (lambda !== undefined) checkLambda(lambda);
  const names = COEFFICIENTS.slice(0, COUNTS[kind]).filter((name) => name !== 'lambda' || lambda === undefined);
  const different = new Set(points.map(({ n }) => n).filter((n) => lambda === undefined || n !== 1)).size;
  if (names.length === 0) throw new UslError('a straight line of known λ has nothing to fit');
  if (different < names.length) {
    const where = lambda === undefined ? '' : ' besides 1';
    throw new UslError(`a ${kind} fit needs ${names.length} different N${where}, not ${different}`);
  }
  // In units of the highest throughput per replica and of the largest N, so that all parameters have similar
  // magnitudes, whether N counts replicas or thousands of clients.
  const scale = Math.max(...points.map(({ n, throughput }) => throughput / n));
  const most = Math.max(...points.map(({ n }) => n));
  const units = { lambda: scale, sigma: 1 / most, kappa: 1 / most ** 2 };
  const known = { lambda: lambda ?? scale, sigma: 0, kappa: 0 };
  const residuals = (tried: readonly number[]) => residualsOf(points, errors, named(names, tried, units, known));
  const free = fitWith(points, errors, names, units, known);
  const isInside = ({ sigma, kappa }: Usl) => sigma >= 0 && sigma <= 1 && kappa >= 0 && kappa <= 1;
  const best = !bounded || isInside(free.usl) ? free : atBounds(points, errors, names, units, known, isInside);
  const values = names.map((name) => best.usl[name] / units[name]);
  return { ...best, names, values, residuals, units };
}

/** The best fit with σ or κ, or both, at 0 or 1. */
function atBounds(
  points: readonly ScalePoint[],
  errors: UslErrors,
  names: readonly Coefficient[],
  units: Usl,
  known: Usl,
  isInside: (usl: Usl) => boolean,
): LawFit {
  const ends = (name: Coefficient) => (names.includes(name) ? [null, 0, 1] : [null]);
  const tried = ends('sigma').flatMap((sigma) =>
    ends('kappa').flatMap((kappa) => {
      const pinned = { ...(sigma === null ? {} : { sigma }), ...(kappa === null ? {} : { kappa }) };
      const left = names.filter((name) => !(name in pinned));
      return left.length === names.length ? [] : [fitWith(points, errors, left, units, { ...known, ...pinned })];
    }),
  );
  const inside = tried.filter(({ usl }) => isInside(usl));
  return inside.reduce((best, one) => (one.squares < best.squares ? one : best));
}

interface LawFit {
  readonly usl: Usl;
  readonly squares: number;
}

/** The best values of the free coefficients, with all others as known. */
function fitWith(
  points: readonly ScalePoint[],
  errors: UslErrors,
  free: readonly Coefficient[],
  units: Usl,
  known: Usl,
): LawFit {
  const read = (tried: readonly number[]) => named(free, tried, units, known);
  const residuals = (tried: readonly number[]) => residualsOf(points, errors, read(tried));
  if (free.length === 0) {
    const all = residuals([]);
    return { usl: known, squares: all.reduce((sum, each) => sum + each * each, 0) };
  }
  const straight = straightened(points, errors, free, units, known);
  // If the linearised fit is not positive at some N, no small step improves the residual there.
  const isLaw = straight !== null && points.every(({ n }) => uslThroughput(read(straight), n) > 0);
  const usual = free.map((name) => (name === 'lambda' ? 1 : USUAL[name] / units[name]));
  const found = leastSquares(residuals, isLaw ? straight : usual);
  return { usl: read(found.parameters), squares: found.squares };
}

/** Where a search without a better guess starts. */
const USUAL = { sigma: 0.02, kappa: 0.0005 } as const;

function residualsOf(points: readonly ScalePoint[], errors: UslErrors, usl: Usl): number[] {
  if (errors === 'absolute') {
    const most = Math.max(...points.map(({ throughput }) => throughput));
    return points.map(({ n, throughput }) => (uslThroughput(usl, n) - throughput) / most);
  }
  return points.map(({ n, throughput }) => {
    const model = uslThroughput(usl, n);
    return model > 0 && Number.isFinite(model) ? Math.log(model / throughput) : OUT_OF_RANGE;
  });
}

/**
 * A first guess. The time N/X(N) is linear in 1/λ, σ/λ and κ/λ, so it is fitted in one step, with weights for errors
 * of throughput. @returns null if the result is invalid
 */
function straightened(
  points: readonly ScalePoint[],
  errors: UslErrors,
  free: readonly Coefficient[],
  units: Usl,
  known: Usl,
): number[] | null {
  const weights = points.map(({ n, throughput }) => {
    const measured = throughput / units.lambda;
    return errors === 'absolute' ? measured ** 2 / n : measured / n;
  });
  const isFree = (name: Coefficient) => free.includes(name);
  const parts = { sigma: (n: number) => n - 1, kappa: (n: number) => n * (n - 1) };
  // What is known of the law's denominator.
  const base = (n: number) =>
    1 + (isFree('sigma') ? 0 : known.sigma * parts.sigma(n)) + (isFree('kappa') ? 0 : known.kappa * parts.kappa(n));
  const times = points.map(({ n, throughput }) => (n * units.lambda) / throughput);
  const knownTime = isFree('lambda') ? 0 : units.lambda / known.lambda;
  const terms = free.map((name) => (name === 'lambda' ? base : (n: number) => parts[name](n) * units[name]));
  const solved = linearLeastSquares(
    terms.map((term) => points.map(({ n }, i) => (weights[i] as number) * term(n))),
    points.map(({ n }, i) => (weights[i] as number) * ((times[i] as number) - knownTime * base(n))),
  );
  if (solved === null) return null;
  const time = isFree('lambda') ? (solved.solution[0] as number) : knownTime;
  return time > 0 ? solved.solution.map((value, i) => (free[i] === 'lambda' ? 1 / value : value / time)) : null;
}

/** The residual where the law is not positive: so large that no step goes there. */
const OUT_OF_RANGE = 1e6;
