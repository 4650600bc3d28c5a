/** A straight line through points (ordinary least squares), and what can be read off it, as statistics to resample. */
import type { Statistic } from '../bootstrap/resample.ts';

export interface Line {
  readonly intercept: number;
  readonly slope: number;
}

/** @returns NaN if all x are the same */
export function fitLine(xs: ArrayLike<number>, ys: ArrayLike<number>, count = xs.length): Line {
  let sumX = 0;
  let sumY = 0;
  for (let i = 0; i < count; i++) {
    sumX += xs[i] as number;
    sumY += ys[i] as number;
  }
  const meanX = sumX / count;
  const meanY = sumY / count;
  let squares = 0;
  let products = 0;
  for (let i = 0; i < count; i++) {
    const x = (xs[i] as number) - meanX;
    squares += x * x;
    products += x * ((ys[i] as number) - meanY);
  }
  const slope = products / squares;
  return { slope, intercept: meanY - slope * meanX };
}

/**
 * Columns of these statistics: x, then y. A resample of few blocks may contain only one x, which does not determine a
 * line; it then gets the slope of all points.
 */
function lineOf(columns: readonly Float64Array[], count: number, all: Line): Line {
  const [xs = new Float64Array(), ys = new Float64Array()] = columns;
  const line = fitLine(xs, ys, count);
  return Number.isFinite(line.slope) ? line : all;
}

/** @param all the line through all points, as below */
export function slopeOf(all: Line): Statistic {
  return (columns, count) => lineOf(columns, count, all).slope;
}

export function heightAt(x: number, all: Line): Statistic {
  return (columns, count) => {
    const { intercept, slope } = lineOf(columns, count, all);
    return intercept + slope * x;
  };
}

/** Where a rising line crosses zero, clamped to `[low, high]`. */
export function risesThroughZero(low: number, high: number, all: Line): Statistic {
  return (columns, count) => {
    const { intercept, slope } = lineOf(columns, count, all);
    const at = slope > 0 ? -intercept / slope : intercept > 0 ? low : high;
    return Math.min(high, Math.max(low, at));
  };
}
