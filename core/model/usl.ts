/**
 * The Universal Scalability Law (Gunther 1993, 2007): X(N) = λN / (1 + σ(N − 1) + κN(N − 1)). Contention σ flattens the
 * curve, coherency κ bends it down; Amdahl's law is the case κ = 0, and a straight line that of σ = κ = 0.
 */
import { leastSquares } from './least-squares.ts';

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

/** What the law may use: `usl` both terms, `amdahl` no coherency, `linear` neither. */
export type UslKind = 'usl' | 'amdahl' | 'linear';

export class UslError extends Error {
  override readonly name = 'UslError';
}

export function uslThroughput({ lambda, sigma, kappa }: Usl, n: number): number {
  return (lambda * n) / (1 + sigma * (n - 1) + kappa * n * (n - 1));
}

/** Where throughput is highest; Infinity where it never falls. */
export function uslPeak({ sigma, kappa }: Usl): number {
  return kappa > 0 ? Math.sqrt(Math.max(0, 1 - sigma) / kappa) : Number.POSITIVE_INFINITY;
}

/** The most that so many different N can tell: three parameters want three points. */
export function uslKindFor(differentN: number): UslKind {
  return differentN >= 3 ? 'usl' : differentN === 2 ? 'amdahl' : 'linear';
}

/**
 * By non-linear least squares on throughput. Both coefficients are kept from below 0, where the law means nothing: where
 * the free fit goes there, the best of those with a coefficient at 0 is taken.
 * @param points with at least as many different n as `kind` has parameters
 * @throws {UslError} for too few points, or ones that are not positive
 */
export function fitUsl(points: readonly ScalePoint[], kind: UslKind = 'usl'): Usl {
  const different = new Set(points.map(({ n }) => n)).size;
  const needed = { usl: 3, amdahl: 2, linear: 1 }[kind];
  if (different < needed) throw new UslError(`a ${kind} fit needs ${needed} different N, not ${different}`);
  if (points.some(({ n, throughput }) => !(n > 0 && throughput > 0 && Number.isFinite(throughput)))) {
    throw new UslError('a fit needs positive numbers');
  }
  const free = kind === 'usl' ? CANDIDATES : kind === 'amdahl' ? CANDIDATES.filter(({ kappa }) => !kappa) : [NEITHER];
  let best: { readonly usl: Usl; readonly squares: number } | null = null;
  for (const candidate of free) {
    const found = fitFree(points, candidate);
    if (found.usl.sigma < 0 || found.usl.kappa < 0 || !(found.usl.lambda > 0)) continue;
    // The first one has every freedom, so nothing after it can be better.
    if (best === null || found.squares < best.squares) best = found;
    if (candidate === free[0]) break;
  }
  if (best === null) throw new UslError('no fit was found');
  return best.usl;
}

const NEITHER = { sigma: false, kappa: false };
const CANDIDATES = [
  { sigma: true, kappa: true },
  { sigma: true, kappa: false },
  { sigma: false, kappa: true },
  NEITHER,
];

function fitFree(points: readonly ScalePoint[], free: { readonly sigma: boolean; readonly kappa: boolean }) {
  // In units of the largest throughput per replica, so that all parameters are about as large.
  const scale = Math.max(...points.map(({ n, throughput }) => throughput / n));
  const read = (parameters: readonly number[]): Usl => {
    const [lambda = 1, first = 0, second = 0] = parameters;
    return { lambda, sigma: free.sigma ? first : 0, kappa: free.kappa ? (free.sigma ? second : first) : 0 };
  };
  const start = [1, ...(free.sigma ? [0.02] : []), ...(free.kappa ? [0.0005] : [])];
  const fit = leastSquares((parameters) => {
    const usl = read(parameters);
    return points.map(({ n, throughput }) => uslThroughput(usl, n) - throughput / scale);
  }, start);
  const usl = read(fit.parameters);
  return { usl: { ...usl, lambda: usl.lambda * scale }, squares: fit.squares };
}
