/**
 * The exact least-squares segmentation with a penalty for each change, by optimal partitioning (Jackson et al. 2005).
 * PELT (Killick, Fearnhead & Eckley 2012; `ruptures.Pelt(model="l2", jump=1)`) gives the same result faster. It assumes
 * independent noise. Our own method is compared with it.
 */
import { medianAbsoluteDeviation } from '../stats/location.ts';

/**
 * @param penalty the squared error that one more change must save @param minSize the least number of values in a
 * segment @returns the index at which each segment after the first begins, ascending; empty if nothing changes
 */
export function changePoints(values: readonly number[], penalty: number, minSize = 2): number[] {
  const n = values.length;
  if (n < 2 * minSize) return [];
  const cost = squaredErrorOf(values);
  const best: number[] = Array.from({ length: n + 1 }, () => Number.POSITIVE_INFINITY);
  const previous: number[] = Array.from({ length: n + 1 }, () => 0);
  best[0] = -penalty;
  for (let end = minSize; end <= n; end++) {
    for (let start = 0; start <= end - minSize; start++) {
      const total = (best[start] as number) + cost(start, end) + penalty;
      if (total < (best[end] as number)) {
        best[end] = total;
        previous[end] = start;
      }
    }
  }
  const found: number[] = [];
  for (let end = previous[n] as number; end > 0; end = previous[end] as number) found.unshift(end);
  return found;
}

/** The squared error about the mean of `values[start..end)`, in constant time. */
function squaredErrorOf(values: readonly number[]): (start: number, end: number) => number {
  // Relative to the first value, so that large values close together lose no digits.
  const origin = values[0] ?? 0;
  const sums = [0];
  const squares = [0];
  for (const [i, value] of values.entries()) {
    sums.push((sums[i] as number) + (value - origin));
    squares.push((squares[i] as number) + (value - origin) ** 2);
  }
  return (start, end) => {
    const sum = (sums[end] as number) - (sums[start] as number);
    return Math.max(0, (squares[end] as number) - (squares[start] as number) - sum ** 2 / (end - start));
  };
}

/**
 * The textbook penalty, 2σ² ln n: the Bayesian information criterion with two parameters per change. σ comes from the
 * differences of neighbours, which do not depend on the level.
 */
export function textbookPenalty(values: readonly number[]): number {
  const differences = values.slice(1).map((value, i) => value - (values[i] as number));
  const spread = differences.length === 0 ? 0 : (1.4826 * medianAbsoluteDeviation(differences)) / Math.SQRT2;
  return 2 * spread ** 2 * Math.log(Math.max(2, values.length));
}
