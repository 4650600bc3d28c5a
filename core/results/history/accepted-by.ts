/** Whether a team has accepted a change for the worse. Pure. */
import type { Acceptance } from './acceptance.ts';
import type { Series } from './series.ts';
import { type Change, changesOf, isDrift } from './trend.ts';

/** Later runs may shift the beginning of a level by this many runs. */
const NEAR = 3;
/** The same for a slope, whose beginning is less certain. */
const NEAR_A_BEND = 10;

/** Acceptances of a change, the latest first; null if there are none. */
export function acceptedBy(series: Series, change: Change, acceptances: readonly Acceptance[]): Acceptance | null {
  const found = acceptances.findLast((one) => {
    if (one.arm !== null && one.arm !== series.arm) return false;
    if (one.metric !== null && one.metric !== series.metric) return false;
    const at = series.points.findIndex(({ runId, at: began }) => runId === one.runId && began === one.runAt);
    if (isDrift(change)) {
      // Accepted by any of its runs, since none began it; but not by one that accepts a change.
      return at >= change.index && changesOf(series).every(({ index }) => Math.abs(at - index) > NEAR);
    }
    return at >= 0 && Math.abs(at - change.index) <= (change.slope === null ? NEAR : NEAR_A_BEND);
  });
  return found ?? null;
}
