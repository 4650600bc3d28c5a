/**
 * The normal and Student t distributions, accurate to 1e-10 over the range of intervals and tests. Sources:
 * Abramowitz & Stegun (1964), chapters 7 and 26; Lentz's continued fraction as in Numerical Recipes (2007), 6.4.
 */

/** P(Z ≤ z) for a standard normal Z. */
export function normalCdf(z: number): number {
  if (Number.isNaN(z)) return Number.NaN;
  // The chi-square with one degree of freedom is z², so the normal is an incomplete gamma function of 1/2.
  const half = (z * z) / 2;
  if (!Number.isFinite(half)) return z < 0 ? 0 : 1;
  const upperTail = half < 1.5 ? 0.5 - 0.5 * gammaSeries(half) : 0.5 * gammaFraction(half);
  return z < 0 ? upperTail : 1 - upperTail;
}

/** The z with `normalCdf(z) = p`, for p in [0, 1]; ∓Infinity at the ends. @throws {RangeError} outside */
export function normalQuantile(p: number): number {
  checkProbability(p);
  if (p === 0) return Number.NEGATIVE_INFINITY;
  if (p === 1) return Number.POSITIVE_INFINITY;
  if (p > 0.5) return -normalQuantile(1 - p);
  return keptQuantile(p, NORMAL, () => bisect(normalCdf, p, -40, 0));
}

/** Quantiles by degrees of freedom and p, cached because intervals need the same few, and each takes fifty steps. */
const quantiles = new Map<number, Map<number, number>>();
const MOST_KEPT = 200;
/** The cache key of the normal distribution. */
const NORMAL = 0;

function keptQuantile(p: number, degrees: number, find: () => number): number {
  let ofDegrees = quantiles.get(degrees);
  if (ofDegrees === undefined) {
    if (quantiles.size >= MOST_KEPT) quantiles.clear();
    ofDegrees = new Map();
    quantiles.set(degrees, ofDegrees);
  }
  let found = ofDegrees.get(p);
  if (found === undefined) {
    if (ofDegrees.size >= MOST_KEPT) ofDegrees.clear();
    found = find();
    ofDegrees.set(p, found);
  }
  return found;
}

/** Above this, Hill's normal approximation is as accurate as doubles are, and the beta function is not. */
const NEARLY_NORMAL = 10_000;

/** P(T ≤ t) for Student's t with `degrees` > 0 degrees of freedom; Infinity gives the normal distribution. */
export function studentCdf(t: number, degrees: number): number {
  checkDegrees(degrees);
  return belowStudent(t, degrees);
}

/** @param gammas of its beta function, precomputed for many t */
function belowStudent(t: number, degrees: number, gammas?: number): number {
  if (t === 0) return 0.5;
  if (degrees >= NEARLY_NORMAL) return normalCdf(nearlyNormal(t, degrees));
  const tail = 0.5 * regularizedBeta(degrees / (degrees + t * t), degrees / 2, 0.5, gammas);
  return t < 0 ? tail : 1 - tail;
}

/** The z with the same probability as t (Hill 1970, algorithm 395 of the Communications of the ACM). */
function nearlyNormal(t: number, degrees: number): number {
  if (degrees === Number.POSITIVE_INFINITY || !Number.isFinite(t * t)) return t;
  const square = (degrees - 0.5) * Math.log1p((t * t) / degrees);
  const b = 48 * (degrees - 0.5) ** 2;
  const inner = (((-0.4 * square - 3.3) * square - 24) * square - 85.5) / (0.8 * square ** 2 + 100 + b);
  return Math.sign(t) * ((inner + square + 3) / b + 1) * Math.sqrt(square);
}

/** The t with `studentCdf(t, degrees) = p`, for p in [0, 1]; ∓Infinity at the ends. @throws {RangeError} outside */
export function studentQuantile(p: number, degrees: number): number {
  checkProbability(p);
  checkDegrees(degrees);
  if (p === 0) return Number.NEGATIVE_INFINITY;
  if (p === 1) return Number.POSITIVE_INFINITY;
  if (p === 0.5) return 0;
  if (p > 0.5) return -studentQuantile(1 - p, degrees);
  return keptQuantile(p, degrees, () => {
    const gammas = gammasOf(degrees / 2, 0.5);
    const below = (t: number) => belowStudent(t, degrees, gammas);
    let low = -1;
    while (below(low) > p) low *= 2;
    return bisect(below, p, low, 0);
  });
}

/** ln Γ(x) for x > 0 (Lanczos, g = 7, nine terms). */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  let sum = 0.999_999_999_999_809_9;
  for (const [index, coefficient] of LANCZOS.entries()) sum += coefficient / (x + index);
  const t = x + 6.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

const LANCZOS = [
  676.520_368_121_885_1, -1_259.139_216_722_402_8, 771.323_428_777_653_1, -176.615_029_162_140_6,
  12.507_343_278_686_905, -0.138_571_095_265_720_12, 9.984_369_578_019_572e-6, 1.505_632_735_149_311_6e-7,
];

/** ln of Γ(a + b) / (Γ(a) Γ(b)). */
const gammasOf = (a: number, b: number) => logGamma(a + b) - logGamma(a) - logGamma(b);

/** I_x(a, b), the regularized incomplete beta function. */
export function regularizedBeta(x: number, a: number, b: number, gammas = gammasOf(a, b)): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(gammas + a * Math.log(x) + b * Math.log1p(-x));
  // The fraction converges fast only on this side of the mean; the other side follows by symmetry.
  return x < (a + 1) / (a + b + 2) ? (front * betaFraction(x, a, b)) / a : 1 - (front * betaFraction(1 - x, b, a)) / b;
}

const TINY = 1e-300;
const away = (value: number) => (Math.abs(value) < TINY ? TINY : value);

function betaFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    const step = d * c;
    fraction *= step;
    if (Math.abs(step - 1) < 1e-15) break;
  }
  return fraction;
}

/** P(1/2, x) by its power series; for small x. */
function gammaSeries(x: number): number {
  if (x === 0) return 0;
  let term = 2;
  let sum = 2;
  for (let n = 1; n < 1000 && term > sum * 1e-17; n++) {
    term *= x / (n + 0.5);
    sum += term;
  }
  return (sum * Math.exp(-x) * Math.sqrt(x)) / Math.sqrt(Math.PI);
}

/** Q(1/2, x) by its continued fraction; for large x, where it stays accurate deep in the tail. */
function gammaFraction(x: number): number {
  let b = x + 0.5;
  let c = 1 / TINY;
  let d = 1 / b;
  let fraction = d;
  for (let n = 1; n < 1000; n++) {
    const numerator = -n * (n - 0.5);
    b += 2;
    d = 1 / away(numerator * d + b);
    c = away(b + numerator / c);
    const step = d * c;
    fraction *= step;
    if (Math.abs(step - 1) < 1e-16) break;
  }
  return (fraction * Math.exp(-x) * Math.sqrt(x)) / Math.sqrt(Math.PI);
}

/** The point where an increasing function reaches `target`, to the precision of doubles. */
function bisect(increasing: (x: number) => number, target: number, from: number, to: number): number {
  let low = from;
  let high = to;
  for (let step = 0; step < 200; step++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) return middle;
    if (increasing(middle) < target) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function checkProbability(p: number): void {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`A probability lies in [0, 1], not at ${p}.`);
}

function checkDegrees(degrees: number): void {
  if (!(degrees > 0)) throw new RangeError(`Degrees of freedom must be positive, not ${degrees}.`);
}
