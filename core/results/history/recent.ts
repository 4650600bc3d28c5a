/** Whether a series recently got worse. Pure. */
import type { Series } from './series.ts';
import { type Change, LEAST_CHANGE, trendOf } from './trend.ts';

/** Whether a change began within the last `recent` runs, or a slope made a noticeable difference within them. */
export function isRecentIn(count: number, recent: number, { index, ratio, slope }: Change): boolean {
  if (slope === null) return count - index <= recent;
  const within = slope.until - Math.max(index - 1, count - 1 - recent);
  return (Math.abs(ratio - 1) * within) / (slope.until - index + 1) >= LEAST_CHANGE;
}

/**
 * Every recent change for the worse of all runs, or of one kind, that is still open, in order. It is open until a later
 * level is no longer clearly worse than the one before it: a part of the way back, or a later change that is accepted,
 * leaves it open. A drift for the worse is open as long as it moves the last runs noticeably.
 */
export function recentWorsenings(series: Series, recent: number): Change[] {
  const { changes, drifts, mixed } = trendOf(series);
  const kinds: readonly Change['kind'][] =
    mixed === null ? [null] : mixed.middle.length === 0 ? ['upper', 'lower'] : ['upper', 'middle', 'lower'];
  const open = new Set(
    kinds.flatMap((kind) => {
      const own = changes.filter((one) => one.kind === null || one.kind === kind);
      return own.filter((one, i) => one.better === 'worse' && !isUndone(one, own.slice(i + 1)));
    }),
  );
  const worse = [...changes.filter((one) => open.has(one)), ...drifts.filter(({ better }) => better === 'worse')];
  return worse.filter((one) => isRecentIn(series.points.length, recent, one));
}

/** Whether a later level is back. Levels of two kinds differ, so later changes count by how much they change. */
function isUndone({ before, after }: Change, later: readonly Change[]): boolean {
  let level = after;
  for (const next of later) {
    const isScaled = next.before > 0 && next.after > 0 && level > 0;
    level = isScaled ? (level * next.after) / next.before : level + next.after - next.before;
    const isFar = before === 0 ? level !== 0 : Math.abs(level / before - 1) >= LEAST_CHANGE;
    if (!isFar || level > before !== after > before) return true;
  }
  return false;
}
