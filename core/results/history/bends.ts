/** The bends of a series' trend, in the unit of the series. Pure. */
import type { Bend } from '../../levels/slopes.ts';

/** The direction of a series after a bend, compared with the one before. */
export type Course =
  | 'grows'
  | 'grows faster'
  | 'grows more slowly'
  | 'falls'
  | 'falls faster'
  | 'falls more slowly'
  /** Over the whole series, or since the last change of level: no bend began it. */
  | 'grows steadily'
  | 'falls steadily'
  | 'levels off';

export interface Slope {
  readonly course: Course;
  /** The index of the last point before the next bend, or of the series. */
  readonly until: number;
  /** The value at `until` if the trend had not bent. */
  readonly expected: number;
}

/** A bend that makes a noticeable difference by the next bend, or by the end of the series. */
export interface Turn extends Slope {
  /** As indices of members: the last one on the old line. */
  readonly at: number;
  /** The fitted values at the bend, and at `until`. */
  readonly before: number;
  readonly after: number;
  /** Whether the series rises or falls more than before; null if it only slows down. */
  readonly towards: 'up' | 'down' | null;
}

/**
 * @param end the index of the last member
 * @param unscaled from the scale of the fit to the unit of the series
 * @param isLarge whether the difference between two values is worth a report
 * @returns `until` as an index of members, too
 */
export function turnsOf(
  bends: readonly Bend[],
  end: number,
  unscaled: (fitted: number) => number,
  isLarge: (from: number, to: number) => boolean,
): Turn[] {
  const ledTo = (bend: Bend, slope: number, until: number) => unscaled(bend.value + slope * (until - bend.at));
  const large = bends.filter((bend, i) => {
    const until = bends[i + 1]?.at ?? end;
    return isLarge(ledTo(bend, bend.before, until), ledTo(bend, bend.after, until));
  });
  return large.map((bend, i) => {
    const next = large[i + 1];
    const until = next?.at ?? end;
    const before = unscaled(bend.value);
    const expected = ledTo(bend, bend.before, until);
    // Bends too small to report may lie between this one and the next.
    const last = bends.findLast(({ at }) => at < until && at >= bend.at) ?? bend;
    const after = next === undefined ? ledTo(last, last.after, until) : unscaled(next.value);
    const course = courseOf(before, after, expected, isLarge);
    const isMore = course === 'grows' || course === 'grows faster' || course === 'falls' || course === 'falls faster';
    return {
      at: bend.at,
      until,
      before,
      after,
      expected,
      course,
      towards: isMore ? (after > before ? 'up' : 'down') : null,
    };
  });
}

function courseOf(
  before: number,
  after: number,
  expected: number,
  isLarge: (from: number, to: number) => boolean,
): Course {
  if (!isLarge(before, after)) return 'levels off';
  const rises = after > before;
  const didBefore = isLarge(before, expected) && expected > before === rises;
  if (!didBefore) return rises ? 'grows' : 'falls';
  const isFaster = after > expected === rises;
  if (rises) return isFaster ? 'grows faster' : 'grows more slowly';
  return isFaster ? 'falls faster' : 'falls more slowly';
}
