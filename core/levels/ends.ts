/** The first and the last level of a fit, if they are as short as levels may be. Pure. */
import { median } from '../stats/location.ts';

/**
 * A level has a least number of values, so the fit of a series whose last two runs moved has to begin their level one run
 * too early, and blames the wrong run. If the value next to the boundary is closer to the other side, the boundary moves
 * past it, as long as two values are left; of one, nothing is known.
 * @param values without drift
 * @param points the index at which each level after the first begins, ascending
 * @param least number of values in a level
 */
export function withExactEnds(values: readonly number[], points: readonly number[], least: number): number[] {
  const forwards = withExactEnd(values, points, least);
  const mirrored = forwards.map((point) => values.length - point).toReversed();
  const backwards = withExactEnd(values.toReversed(), mirrored, least);
  return backwards.map((point) => values.length - point).toReversed();
}

function withExactEnd(values: readonly number[], points: readonly number[], least: number): number[] {
  const last = points.at(-1);
  if (last === undefined || values.length - last !== least) return [...points];
  const before = median(values.slice(points.at(-2) ?? 0, last));
  let point = last;
  while (values.length - point >= 2) {
    const value = values[point] as number;
    const after = median(values.slice(point + 1));
    if (Math.abs(value - before) >= Math.abs(value - after)) return [...points.slice(0, -1), point];
    point++;
  }
  return points.slice(0, -1);
}
