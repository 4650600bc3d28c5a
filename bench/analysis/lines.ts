/** Numbers of the line through points that were measured in blocks of forks. Pure. */

import type { Statistic } from '../../core/stats/bootstrap/resample.ts';
import { bootstrap } from '../../core/stats/bootstrap.ts';
import { fitLine, type Line } from '../../core/stats/fitting/line.ts';
import type { Estimate } from '../../core/stats/interval.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}
/** As `[fork][point]`. */
export type Points = readonly (readonly Point[])[];

/**
 * @param statistic a parameter of the line, such as its slope; it gets the line through all points @returns null if
 * all points have the same x, which does not determine a line
 */
export function lineEstimate(points: Points, statistic: (all: Line) => Statistic, seed: number): Estimate | null {
  const used = points.filter((fork) => fork.length > 0);
  if (new Set(used.flat().map(({ x }) => x)).size < 2) return null;
  const columns = [used.map((fork) => fork.map(({ x }) => x)), used.map((fork) => fork.map(({ y }) => y))];
  const all = used.flat();
  const line = fitLine(
    all.map(({ x }) => x),
    all.map(({ y }) => y),
  );
  return bootstrap(columns, statistic(line), { seed });
}
