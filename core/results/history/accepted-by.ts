/** Whether a team has accepted a change for the worse. Pure. */
import type { Acceptance } from './acceptance.ts';
import type { Series } from './history.ts';
import type { Change } from './trend.ts';

/** Later runs may move the begin of a level by this many. */
const NEAR = 3;

/** Who accepted a change, the last one first; null if nobody did. */
export function acceptedBy(series: Series, change: Change, acceptances: readonly Acceptance[]): Acceptance | null {
  const found = acceptances.findLast((one) => {
    if (one.arm !== null && one.arm !== series.arm) return false;
    if (one.metric !== null && one.metric !== series.metric) return false;
    const at = series.points.findIndex(({ runId, at: began }) => runId === one.runId && began === one.runAt);
    return at >= 0 && Math.abs(at - change.index) <= NEAR;
  });
  return found ?? null;
}
