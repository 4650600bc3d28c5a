/**
 * Non-linear least squares by Levenberg–Marquardt (Marquardt 1963; damping after Nielsen 1999), for a handful of
 * parameters. The Jacobian is approximated by central differences, so a model needs no derivatives.
 */
import { backSubstitution, dot, normalise, takeOut } from '../stats/fitting/linear-algebra.ts';

export interface Fit {
  readonly parameters: readonly number[];
  /** Sum of squared residuals, in the square of the observations' unit. */
  readonly squares: number;
  readonly converged: boolean;
}

/** Parameters → residuals (model − observation), one per observation, always the same number. */
export type Residuals = (parameters: readonly number[]) => readonly number[];

const MOST_STEPS = 2000;
/** Relative tolerance: stop when a step, or the gradient, is smaller. */
const TOLERANCE = 1e-12;
/** Sums that differ by less are equal up to rounding: the last steps improve the parameters but not the sum. */
const ROUNDING = 4 * Number.EPSILON;

/** @param start a first guess; its length is the number of parameters, at most the number of residuals */
export function leastSquares(residuals: Residuals, start: readonly number[]): Fit {
  let parameters = [...start];
  let current = residuals(parameters);
  let squares = dot(current, current);
  let damping = 1e-3;
  let growth = 2;
  for (let step = 0; step < MOST_STEPS; step++) {
    const jacobian = derivatives(residuals, parameters);
    const lengths = jacobian.map((column) => Math.sqrt(dot(column, column)));
    const small = jacobian.every(
      (column, i) => Math.abs(dot(column, current)) <= TOLERANCE * (lengths[i] as number) * Math.sqrt(squares),
    );
    if (small || squares === 0) return { parameters, squares, converged: true };
    const move = linearLeastSquares(
      // Scaled by the lengths of the columns, so that parameters of different magnitudes are damped alike.
      jacobian.map((column, i) => [
        ...column,
        ...lengths.map((length, j) => (i === j ? Math.sqrt(damping) * length : 0)),
      ]),
      [...current.map((residual) => -residual), ...lengths.map(() => 0)],
    );
    const next = parameters.map((value, i) => value + (move?.solution[i] ?? Number.NaN));
    const tried = residuals(next);
    const triedSquares = dot(tried, tried);
    const tiny = next.every(
      (value, i) => Math.abs(value - (parameters[i] as number)) <= TOLERANCE * (Math.abs(value) + TOLERANCE),
    );
    if (triedSquares <= squares * (1 + ROUNDING)) {
      parameters = next;
      current = tried;
      squares = triedSquares;
      damping = Math.max(damping / 3, 1e-15);
      growth = 2;
    } else {
      damping *= growth;
      growth *= 2;
    }
    if (tiny) return { parameters, squares, converged: true };
    if (!Number.isFinite(damping)) break;
  }
  return { parameters, squares, converged: false };
}

/**
 * The standard error of each parameter by the usual linearisation: from the curvature at the best parameters and the
 * variance of the residuals. @returns null if there are no more residuals than parameters, or the parameters are not
 * identifiable
 */
export function standardErrors(residuals: Residuals, { parameters, squares }: Fit): number[] | null {
  const count = parameters.length;
  const degrees = residuals(parameters).length - count;
  if (degrees < 1) return null;
  const jacobian = derivatives(residuals, parameters);
  const solved = linearLeastSquares(
    jacobian,
    (jacobian[0] ?? []).map(() => 0),
  );
  const errors = solved?.spreads.map((spread) => spread * Math.sqrt(squares / degrees)) ?? [];
  return errors.length === count && errors.every(Number.isFinite) ? errors : null;
}

interface LinearFit {
  readonly solution: readonly number[];
  /** The standard error of each parameter for unit variance of the right-hand side. */
  readonly spreads: readonly number[];
}

/**
 * Linear least squares by modified Gram–Schmidt (Björck 1967). It works on the columns, not on their products, which
 * would square the condition number. @param columns each as long as `right` @returns null if a column is a
 * combination of those before it, or not finite
 */
export function linearLeastSquares(
  columns: readonly (readonly number[])[],
  right: readonly number[],
): LinearFit | null {
  const rest = columns.map((column) => Float64Array.from(column));
  const remaining = Float64Array.from(right);
  const triangle = columns.map(() => columns.map(() => 0));
  const projections: number[] = [];
  for (const [j, column] of rest.entries()) {
    const length = normalise(column);
    if (!(length > 0) || !Number.isFinite(length)) return null;
    const row = triangle[j] as number[];
    row[j] = length;
    for (let k = j + 1; k < rest.length; k++) row[k] = takeOut(rest[k] as Float64Array, column);
    projections.push(takeOut(remaining, column));
  }
  const solution = backSubstitution(triangle, projections);
  // The rows of the triangle's inverse propagate unit errors to each parameter.
  const inverse = columns.map((_, k) =>
    backSubstitution(
      triangle,
      columns.map((__, j) => (j === k ? 1 : 0)),
    ),
  );
  const spreads = columns.map((_, i) => Math.hypot(...inverse.map((column) => column[i] as number)));
  return { solution, spreads };
}

/** The Jacobian by columns: the derivative of every residual by one parameter. */
function derivatives(residuals: Residuals, parameters: readonly number[]): number[][] {
  return parameters.map((value, i) => {
    const h = Math.cbrt(Number.EPSILON) * Math.max(Math.abs(value), 1e-4);
    const shifted = (by: number) => residuals(parameters.map((other, j) => (j === i ? other + by : other)));
    const [above, below] = [shifted(h), shifted(-h)];
    return above.map((r, k) => (r - (below[k] ?? 0)) / (2 * h));
  });
}
