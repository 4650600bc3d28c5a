/**
 * Non-linear least squares by Levenberg and Marquardt (Marquardt 1963; damping after Nielsen 1999), for a handful of
 * parameters. The Jacobian is taken by central differences, so a model needs no derivatives.
 */

export interface Fit {
  readonly parameters: readonly number[];
  /** Sum of squared residuals, in the square of the observations' unit. */
  readonly squares: number;
  readonly converged: boolean;
}

/** Parameters → residuals (model − observation), one for each observation, always as many. */
export type Residuals = (parameters: readonly number[]) => readonly number[];

const MOST_STEPS = 200;
/** Stop where a step, or the gradient, is smaller than this part of what it is compared with. */
const TOLERANCE = 1e-12;

/** @param start a first guess; its length is the number of parameters, at most the number of residuals */
export function leastSquares(residuals: Residuals, start: readonly number[]): Fit {
  let parameters = [...start];
  let current = residuals(parameters);
  let squares = sumOfSquares(current);
  let damping = 1e-3;
  let growth = 2;
  for (let step = 0; step < MOST_STEPS; step++) {
    const jacobian = derivatives(residuals, parameters);
    const gradient = jacobian.map((column) => dot(column, current));
    const normal = jacobian.map((a) => jacobian.map((b) => dot(a, b)));
    const small = gradient.every((g, i) => {
      const length = Math.sqrt(normal[i]?.[i] ?? 0);
      return Math.abs(g) <= TOLERANCE * length * Math.sqrt(squares);
    });
    if (small || squares === 0) return { parameters, squares, converged: true };
    // Scaled by the diagonal, so that parameters of very different size are damped alike.
    const damped = normal.map((row, i) => row.map((value, j) => (i === j ? value * (1 + damping) : value)));
    const move = solve(
      damped,
      gradient.map((g) => -g),
    );
    if (move === null) {
      damping *= growth;
      growth *= 2;
      continue;
    }
    const next = parameters.map((value, i) => value + (move[i] ?? 0));
    const tried = residuals(next);
    const triedSquares = sumOfSquares(tried);
    const tiny = move.every((m, i) => Math.abs(m) <= TOLERANCE * (Math.abs(parameters[i] ?? 0) + TOLERANCE));
    if (triedSquares <= squares) {
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
  }
  return { parameters, squares, converged: false };
}

/**
 * The standard error of each parameter, as the linear theory of non-linear fits gives it: from the curvature at the best
 * parameters and the spread of the residuals.
 * @returns null where there are no more residuals than parameters, or the residuals do not tell the parameters apart
 */
export function standardErrors(residuals: Residuals, { parameters, squares }: Fit): number[] | null {
  const count = parameters.length;
  const degrees = residuals(parameters).length - count;
  if (degrees < 1) return null;
  const jacobian = derivatives(residuals, parameters);
  const normal = jacobian.map((a) => jacobian.map((b) => dot(a, b)));
  const errors = parameters.map((_, i) => {
    const column = solve(
      normal,
      parameters.map((_, j) => (i === j ? 1 : 0)),
    );
    return Math.sqrt(((column?.[i] ?? Number.NaN) * squares) / degrees);
  });
  return errors.every(Number.isFinite) ? errors : null;
}

/** The Jacobian by column: how every residual changes with one parameter. */
function derivatives(residuals: Residuals, parameters: readonly number[]): number[][] {
  return parameters.map((value, i) => {
    const h = Math.cbrt(Number.EPSILON) * Math.max(Math.abs(value), 1e-4);
    const shifted = (by: number) => residuals(parameters.map((other, j) => (j === i ? other + by : other)));
    const [above, below] = [shifted(h), shifted(-h)];
    return above.map((r, k) => (r - (below[k] ?? 0)) / (2 * h));
  });
}

/** Gaussian elimination with pivoting; null where the matrix is singular. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] | null {
  const n = right.length;
  const rows = matrix.map((row, i) => Float64Array.from([...row, right[i] ?? 0]));
  for (let column = 0; column < n; column++) {
    const rest = rows.slice(column);
    const pivot = rest.reduce((best, row) => (Math.abs(at(row, column)) > Math.abs(at(best, column)) ? row : best));
    if (!(Math.abs(at(pivot, column)) > 0)) return null;
    rows.splice(rows.indexOf(pivot), 1);
    rows.splice(column, 0, pivot);
    for (const row of rows) {
      if (row === pivot) continue;
      const factor = at(row, column) / at(pivot, column);
      for (let k = column; k <= n; k++) row[k] = at(row, k) - factor * at(pivot, k);
    }
  }
  return rows.map((row, i) => at(row, n) / at(row, i));
}

const at = (row: Float64Array, index: number) => row[index] ?? Number.NaN;
const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
const sumOfSquares = (values: readonly number[]) => dot(values, values);
