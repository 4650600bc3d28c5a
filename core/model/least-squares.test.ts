import { expect, it } from 'vitest';
import { leastSquares, linearLeastSquares, standardErrors } from './least-squares.ts';

it('solves a linear problem as the normal equations do', () => {
  // y = 1 + 2x with residuals +1, −2, +1: the line is unchanged, their squares add to 6.
  const [xs, ys] = [
    [0, 1, 2],
    [2, 1, 6],
  ];
  const fit = leastSquares(([a = 0, b = 0]) => xs.map((x, i) => a + b * x - (ys[i] ?? 0)), [0, 0]);
  expect(fit.parameters[0]).toBeCloseTo(1, 9);
  expect(fit.parameters[1]).toBeCloseTo(2, 9);
  expect(fit.squares).toBeCloseTo(6, 9);
});

it('finds the minimum of Rosenbrock’s function from the usual start', () => {
  const fit = leastSquares(([x = 0, y = 0]) => [10 * (y - x * x), 1 - x], [-1.2, 1]);
  expect(fit.converged).toBe(true);
  expect(fit.parameters[0]).toBeCloseTo(1, 9);
  expect(fit.parameters[1]).toBeCloseTo(1, 9);
});

/** NIST StRD, Misra1a (lower difficulty): y = b1(1 − exp(−b2·x)), certified to eleven digits. */
it('gives NIST’s certified values for Misra1a, from its first start', () => {
  const xs = [77.6, 114.9, 141.1, 190.8, 239.9, 289, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760];
  const ys = [10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.4, 75.47, 81.78];
  const fit = leastSquares(
    ([b1 = 0, b2 = 0]) => xs.map((x, i) => b1 * (1 - Math.exp(-b2 * x)) - (ys[i] ?? 0)),
    [500, 0.0001],
  );
  expect((fit.parameters[0] ?? 0) / 238.94212918).toBeCloseTo(1, 7);
  expect((fit.parameters[1] ?? 0) / 5.5015643181e-4).toBeCloseTo(1, 7);
  expect(fit.squares / 0.12455138894).toBeCloseTo(1, 7);
});

it('solves nearly collinear columns, which the normal equations could not', () => {
  // Läuchli's matrix: the products of its columns are 1 + ε², which is 1 in doubles.
  const tiny = 1e-9;
  const solved = linearLeastSquares(
    [
      [1, tiny, 0],
      [1, 0, tiny],
    ],
    [2, tiny, tiny],
  );
  expect(solved?.solution[0]).toBeCloseTo(1, 5);
  expect(solved?.solution[1]).toBeCloseTo(1, 5);
  expect(
    linearLeastSquares(
      [
        [0, 0],
        [1, 2],
      ],
      [1, 1],
    ),
  ).toBeNull();
});

it('gives the standard errors of a line, calculated by hand', () => {
  // y = x with residuals +1, −2, +1 at 0, 1, 2: s² = 6, and the errors are √(6 · 5/6) and √(6 / 2).
  const ys = [-1, 3, 1];
  const residuals = ([a = 0, b = 0]: readonly number[]) => [0, 1, 2].map((x, i) => a + b * x - (ys[i] ?? 0));
  const errors = standardErrors(residuals, leastSquares(residuals, [0, 0]));
  expect(errors?.[0]).toBeCloseTo(Math.sqrt(5), 6);
  expect(errors?.[1]).toBeCloseTo(Math.sqrt(3), 6);
  expect(
    standardErrors(
      ([a = 0]) => [a - 1],
      leastSquares(([a = 0]) => [a - 1], [0]),
    ),
  ).toBeNull();
});
