/**
 * A series without levels: it wanders, and each value has its own noise in addition. This is the local level model of
 * Harvey (1989), "Forecasting, structural time series models and the Kalman filter". Steps fit such a series well,
 * though there are none.
 */

/**
 * Twice the negative log-likelihood, but for a constant, at the best first level and the best size of noise. It is on the
 * scale of `n ln(squared error / n)`, which is what it gives for a ratio of 0.
 * @param ratio the variance of a step of the level, relative to that of a value about its level
 * @param least a floor under the squared error
 */
export function wanderingScore(values: readonly number[], ratio: number, least: number): number {
  // The filter is linear, so the values and the first level pass through it side by side.
  let level = 0;
  let opening = 1;
  let uncertainty = 0;
  let determinant = 0;
  let [valueSquares, openingSquares, products] = [0, 0, 0];
  for (const value of values) {
    const variance = uncertainty + 1;
    const surprise = value - level;
    determinant += Math.log(variance);
    valueSquares += surprise ** 2 / variance;
    openingSquares += opening ** 2 / variance;
    products += (surprise * opening) / variance;
    const gain = uncertainty / variance;
    level += gain * surprise;
    opening -= gain * opening;
    uncertainty = uncertainty * (1 - gain) + ratio;
  }
  const error = Math.max(0, valueSquares - products ** 2 / openingSquares);
  return values.length * Math.log((error + least) / values.length) + determinant;
}
