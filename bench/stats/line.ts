/** A straight line through points (ordinary least squares), and what can be read off it, as statistics to resample. */
import type { Statistic } from './bootstrap.ts';

export interface Line {
  readonly intercept: number;
  readonly slope: number;
}

/** @returns NaN where all x are the same */
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

/** Columns of these statistics: x, then y. A resample without two different x has no line: then the level of its points. */
function lineOf(columns: readonly Float64Array[], count: number): Line {
  const [xs = new Float64Array(), ys = new Float64Array()] = columns;
  const line = fitLine(xs, ys, count);
  if (Number.isFinite(line.slope)) return line;
  let sum = 0;
  for (let i = 0; i < count; i++) sum += ys[i] as number;
  return { slope: 0, intercept: sum / count };
}

export const slopeOf: Statistic = (columns, count) => lineOf(columns, count).slope;

export function heightAt(x: number): Statistic {
  return (columns, count) => {
    const { intercept, slope } = lineOf(columns, count);
    return intercept + slope * x;
  };
}

/** Where a rising line meets zero, held within `[low, high]`: a resample that crosses outside counts as the end it is near. */
export function risesThroughZero(low: number, high: number): Statistic {
  return (columns, count) => {
    const { intercept, slope } = lineOf(columns, count);
    const at = slope > 0 ? -intercept / slope : intercept > 0 ? low : high;
    return Math.min(high, Math.max(low, at));
  };
}
