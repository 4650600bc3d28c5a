/** Steps of least squares by the modified Gram–Schmidt process (Björck 1967), which works on columns one by one. Pure. */

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

/** Scales a vector to length 1, in place. @returns its former length; if that is 0, the vector becomes NaN */
export function normalise(vector: Float64Array): number {
  const length = Math.sqrt(dot(vector, vector));
  for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] as number) / length;
  return length;
}

/** Removes the component along a unit vector, in place. @returns its coefficient */
export function takeOut(vector: Float64Array, direction: Float64Array): number {
  const product = dot(vector, direction);
  for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] as number) - product * (direction[i] as number);
  return product;
}

/** Solves an upper triangular system by back substitution. @param triangle by rows */
export function backSubstitution(triangle: readonly (readonly number[])[], right: readonly number[]): number[] {
  const solution = right.map(() => 0);
  for (let i = right.length - 1; i >= 0; i--) {
    const row = triangle[i] as readonly number[];
    let value = right[i] as number;
    for (let j = i + 1; j < right.length; j++) value -= (row[j] as number) * (solution[j] as number);
    solution[i] = value / (row[i] as number);
  }
  return solution;
}
