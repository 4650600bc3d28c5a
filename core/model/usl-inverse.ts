/**
 * The inverse of the Universal Scalability Law, in closed form: matching concurrency, latency and throughput. By
 * Little's law R(N) = N / X(N) = (1 + σ(N − 1) + κN(N − 1)) / λ, so each answer is the root of a quadratic equation.
 * The unit of latency is the inverse of that of throughput: seconds for requests per second. Schwartz, Practical
 * Scalability Analysis (2015), gives shorter formulas for some of these, which leave out κ; they give a latency even
 * for a throughput that is never reached.
 */
import { type Usl, uslPeak, uslThroughput } from './usl.ts';

/** Three numbers related by Little's law. */
export interface OperatingPoint {
  /** Requests in flight; a mean, so not always whole. */
  readonly concurrency: number;
  readonly throughput: number;
  readonly latency: number;
}

function pointAt(usl: Usl, concurrency: number): OperatingPoint {
  const throughput = uslThroughput(usl, concurrency);
  return { concurrency, throughput, latency: concurrency / throughput };
}

/** The mean response time at this concurrency. */
export function uslLatency(usl: Usl, concurrency: number): number {
  return pointAt(usl, concurrency).latency;
}

/** Products of a latency and a rate that differ by less are equal up to rounding. */
const ROUNDING = 1e-12;

/**
 * The highest concurrency with at most this mean latency. It may lie beyond the peak of throughput: see
 * `uslMostWithinLatency`. Where κ is below 0 by noise, it is the first concurrency at which the latency is reached. @returns
 * null if even a single request takes longer, or the latency is never reached because the law stops being positive; on a
 * straight line, whose latency never rises, concurrency and throughput are Infinity
 */
export function uslWithinLatency(usl: Usl, latency: number): OperatingPoint | null {
  const { lambda, sigma, kappa } = usl;
  if (!(latency * lambda >= 1 - ROUNDING)) return null;
  if (kappa === 0 && sigma === 0) return { concurrency: Infinity, throughput: Infinity, latency: 1 / lambda };
  if (latency === Infinity) {
    if (kappa < 0 || (kappa === 0 && sigma < 0)) return null;
    return { concurrency: Infinity, throughput: kappa > 0 ? 0 : lambda / sigma, latency };
  }
  // κN² + (σ − κ)N + (1 − σ − λR) = 0; at N = 1 the left side is 1 − λR ≤ 0.
  const root = firstRoot(kappa, sigma - kappa, 1 - sigma - lambda * latency);
  if (root === null) return null;
  const concurrency = Math.max(1, root);
  return { concurrency, throughput: concurrency / latency, latency };
}

/**
 * The highest throughput with at most this mean latency: at the peak, if that is reached sooner. @returns as
 * `uslWithinLatency` does
 */
export function uslMostWithinLatency(usl: Usl, latency: number): OperatingPoint | null {
  const within = uslWithinLatency(usl, latency);
  const peak = uslPeak(usl);
  return within !== null && within.concurrency > peak ? pointAt(usl, peak) : within;
}

/**
 * The lowest concurrency that reaches this throughput: beyond the peak, a higher one gives the same throughput with a
 * higher latency. @returns null if the throughput is never reached
 */
export function uslAtThroughput(usl: Usl, throughput: number): OperatingPoint | null {
  const { lambda, sigma, kappa } = usl;
  if (!(throughput > 0)) return null;
  const peak = uslPeak(usl);
  const most = Number.isFinite(peak) ? uslThroughput(usl, peak) : Number.POSITIVE_INFINITY;
  if (throughput > most * (1 + ROUNDING)) return null;
  // Where a second request only slows the first, fewer a second means one in flight for a part of the time.
  if (peak === 1) return { concurrency: Math.min(1, throughput / lambda), throughput, latency: 1 / lambda };
  // κXN² + (σX − κX − λ)N + X(1 − σ) = 0: the smaller root lies before the peak.
  const a = kappa * throughput;
  const b = (sigma - kappa) * throughput - lambda;
  const concurrency = smallerRoot(a, b, throughput * (1 - sigma));
  if (concurrency === null || concurrency <= 0) return null;
  return { concurrency, throughput, latency: concurrency / throughput };
}

/**
 * For a ≥ 0 the larger root of ax² + bx + c, for a < 0 the smaller one, without cancellation: where a function that is not
 * positive at 1 first is 0. Null if there is none above 0.
 */
function firstRoot(a: number, b: number, c: number): number | null {
  if (a === 0) return b > 0 ? -c / b : null;
  const inner = b * b - 4 * a * c;
  if (inner < 0 || (a < 0 && b <= 0)) return null;
  const root = Math.sqrt(inner);
  return b > 0 ? (2 * -c) / (b + root) : (root - b) / (2 * a);
}

/** The smaller root of ax² + bx + c for a ≥ 0 and b < 0; null if there is none. */
function smallerRoot(a: number, b: number, c: number): number | null {
  if (b >= 0) return null;
  if (a === 0) return -c / b;
  const inner = b * b - 4 * a * c;
  // At the peak the two roots coincide, and rounding may make the discriminant negative.
  return (2 * c) / (Math.sqrt(Math.max(0, inner)) - b);
}
