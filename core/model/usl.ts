/**
 * The Universal Scalability Law (Gunther 1993, 2007): X(N) = λN / (1 + σ(N − 1) + κN(N − 1)). Contention σ flattens
 * the curve, and coherency κ bends it down. κ = 0 gives Amdahl's law, and σ = κ = 0 a straight line.
 */
import { leastSquares, linearLeastSquares, standardErrors } from './least-squares.ts';

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

/** N at the highest throughput; Infinity if throughput never falls. */
export function uslPeak({ sigma, kappa }: Usl): number {
  return kappa > 0 ? Math.sqrt(Math.max(0, 1 - sigma) / kappa) : Number.POSITIVE_INFINITY;
}

/** The most general law for this number of distinct N: with as many parameters as points it would fit any noise. */
export function uslKindFor(differentN: number): UslKind {
  return differentN >= 4 ? 'usl' : differentN >= 2 ? 'amdahl' : 'linear';
}

/** The errors to minimise: relative, since the noise of a throughput grows with it, or absolute. */
export type UslErrors = 'relative' | 'absolute';

/**
 * Fits the law by non-linear least squares, on the logarithms of throughputs for relative errors. The coefficients
 * are unbounded: noise moves them below 0, where they have no meaning, as often as above the truth, and intervals
 * need to include that. Readers see them clamped at 0. @param points with at least as many distinct n as `kind` has
 * parameters @throws {UslError} for too few points, or points that are not positive
 */
export function fitUsl(points: readonly ScalePoint[], kind: UslKind = 'usl', errors: UslErrors = 'relative'): Usl {
  return fitted(points, kind, errors).usl;
}

/**
 * Standard errors of the coefficients (as in Gunther's tables, and R's `nls`) for a fit to single points, with the
 * residuals as the only noise. Runs with several blocks use a bootstrap of blocks instead. @returns null if there are
 * no more points than coefficients
 */
export function uslStandardErrors(
  points: readonly ScalePoint[],
  kind: UslKind = 'usl',
  errors: UslErrors = 'relative',
): Usl | null {
  const { found, residuals, read, scale } = fitted(points, kind, errors);
  const all = standardErrors(residuals, found);
  if (all === null) return null;
  const usl = read([0, 0, 0].map((none, i) => all[i] ?? none));
  return { ...usl, lambda: usl.lambda * scale };
}

function fitted(points: readonly ScalePoint[], kind: UslKind, errors: UslErrors) {
  const different = new Set(points.map(({ n }) => n)).size;
  const needed = { usl: 3, amdahl: 2, linear: 1 }[kind];
  if (different < needed) throw new UslError(`a ${kind} fit needs ${needed} different N, not ${different}`);
  if (points.some(({ n, throughput }) => !(n > 0 && throughput > 0 && Number.isFinite(throughput)))) {
    throw new UslError('a fit needs positive numbers');
  }
  // In units of the highest throughput per replica and of the largest N, so that all parameters have similar
  // magnitudes, whether N counts replicas or thousands of clients.
  const scale = Math.max(...points.map(({ n, throughput }) => throughput / n));
  const most = Math.max(...points.map(({ n }) => n));
  const read = ([lambda = 1, sigma = 0, kappa = 0]: readonly number[]): Usl => ({
    lambda,
    sigma: sigma / most,
    kappa: kappa / most ** 2,
  });
  const residuals = (tried: readonly number[]) => {
    const usl = read(tried);
    return points.map(({ n, throughput }) => {
      const [model, measured] = [uslThroughput(usl, n), throughput / scale];
      if (errors === 'absolute') return model - measured;
      return model > 0 && Number.isFinite(model) ? Math.log(model / measured) : OUT_OF_RANGE;
    });
  };
  const usual = [1, 0.02 * most, 0.0005 * most ** 2].slice(0, needed);
  const straight = straightened(points, errors, scale, most, needed);
  // If the linearised fit is not positive at some N, no small step improves the residual there.
  const isLaw = straight !== null && points.every(({ n }) => uslThroughput(read(straight), n) > 0);
  const found = leastSquares(residuals, isLaw ? straight : usual);
  const usl = read(found.parameters);
  return { usl: { ...usl, lambda: usl.lambda * scale }, found, residuals, read, scale };
}

/**
 * A first guess. The time N/X(N) is linear in 1/λ, σ/λ and κ/λ, so it is fitted in one step, with weights for errors
 * of throughput. @returns null if the result is invalid
 */
function straightened(
  points: readonly ScalePoint[],
  errors: UslErrors,
  scale: number,
  most: number,
  needed: number,
): number[] | null {
  const weights = points.map(({ n, throughput }) => {
    const measured = throughput / scale;
    return errors === 'absolute' ? measured ** 2 / n : measured / n;
  });
  const terms = [() => 1, (n: number) => (n - 1) / most, (n: number) => (n * (n - 1)) / most ** 2].slice(0, needed);
  const solved = linearLeastSquares(
    terms.map((term) => points.map(({ n }, i) => (weights[i] as number) * term(n))),
    points.map(({ n, throughput }, i) => ((weights[i] as number) * n * scale) / throughput),
  );
  const [time = 0, ...others] = solved?.solution ?? [];
  return time > 0 ? [1 / time, ...others.map((other) => other / time)] : null;
}

/** The residual where the law is not positive: so large that no step goes there. */
const OUT_OF_RANGE = 1e6;
