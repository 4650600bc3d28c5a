/** Recent changes for the worse of many series, at a joint error rate. Pure. */
import { leastEvidence } from '../../levels/fit.ts';
import { recentWorsenings } from './recent.ts';
import type { Series } from './series.ts';
import type { Change } from './trend.ts';
import { watched } from './watched.ts';

export interface JointWorsening {
  readonly series: Series;
  readonly change: Change;
  /** Whether the change is certain among all series that were judged with it. */
  readonly isCertain: boolean;
}

/**
 * Every recent change for the worse. A run has thousands of figures, and each series alone is rarely wrong, but one of them
 * often is. So a series that is not watched needs more evidence: by Bonferroni's correction, a probability that is smaller
 * by the number of such series in its class, which is twice the logarithm of that number in units of the evidence.
 */
export function jointWorsenings(all: readonly Series[], recent: number): JointWorsening[] {
  return [...Map.groupBy(all, ({ machineClass }) => machineClass).values()].flatMap((own) => {
    const chosen = new Set(watched(own));
    const more = 2 * Math.log(Math.max(1, own.length - chosen.size));
    return own.flatMap((series) => {
      const needed = leastEvidence(series.points.length) + (chosen.has(series) ? 0 : more);
      return recentWorsenings(series, recent).map((change) => {
        const isCertain = chosen.has(series) || change.evidence === null || change.evidence >= needed;
        return { series, change, isCertain };
      });
    });
  });
}
