/** Whether a series recently got worse. Pure. */
import type { Series } from './series.ts';
import { type Change, changesOf, LEAST_CHANGE } from './trend.ts';

/** Whether a change began within the last `recent` runs, or a slope made a noticeable difference within them. */
function isRecentIn(count: number, recent: number, { index, ratio, slope }: Change): boolean {
  if (slope === null) return count - index <= recent;
  const within = slope.until - Math.max(index - 1, count - 1 - recent);
  return (Math.abs(ratio - 1) * within) / (slope.until - index + 1) >= LEAST_CHANGE;
}

/**
 * The last change of all runs, or of one kind, if it is recent and for the worse. A trend that only slows down does not
 * cancel an earlier change for the worse.
 */
export function recentWorsening(series: Series, recent: number): Change | null {
  const counts = ({ slope, better }: Change) => slope === null || better !== 'neither';
  const told = changesOf(series).filter(counts);
  const lastOf = (kind: Change['kind']) => told.findLast((one) => one.kind === null || one.kind === kind);
  const isRecent = (change: Change | undefined) =>
    change?.better === 'worse' && isRecentIn(series.points.length, recent, change);
  return [lastOf('upper'), lastOf('lower'), lastOf('middle')].find(isRecent) ?? null;
}
