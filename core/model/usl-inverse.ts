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

/**
 * The highest concurrency with at most this mean latency. @returns null if even a single request takes longer;
 * concurrency Infinity if latency never gets that high
 */
export function uslWithinLatency(usl: Usl, latency: number): OperatingPoint | null {
  const { lambda, sigma, kappa } = usl;
  if (!(latency * lambda >= 1)) return null;
  // κN² + (σ − κ)N + (1 − σ − λR) = 0; at N = 1 the left side is 1 − λR ≤ 0, so the larger root is from 1 on.
  const concurrency = largerRoot(kappa, sigma - kappa, 1 - sigma - lambda * latency);
  if (concurrency === null) return { concurrency: Infinity, throughput: uslThroughput(usl, Number.MAX_VALUE), latency };
  return { concurrency, throughput: concurrency / latency, latency };
}

/**
 * The lowest concurrency that reaches this throughput: beyond the peak, a higher one gives the same throughput with a
 * higher latency. @returns null if the throughput is never reached
 */
export function uslAtThroughput(usl: Usl, throughput: number): OperatingPoint | null {
  const { lambda, sigma, kappa } = usl;
  if (!(throughput > 0)) return null;
  const peak = uslPeak(usl);
  if (Number.isFinite(peak) && throughput > uslThroughput(usl, peak)) return null;
  // κXN² + (σX − κX − λ)N + X(1 − σ) = 0: the smaller root lies before the peak.
  const a = kappa * throughput;
  const b = (sigma - kappa) * throughput - lambda;
  const concurrency = smallerRoot(a, b, throughput * (1 - sigma));
  if (concurrency === null || concurrency <= 0) return null;
  return { concurrency, throughput, latency: concurrency / throughput };
}

/** The larger root of ax² + bx + c, without cancellation; null if there is none. */
function largerRoot(a: number, b: number, c: number): number | null {
  if (a === 0) return b > 0 ? -c / b : null;
  const inner = b * b - 4 * a * c;
  if (inner < 0) return null;
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
