/** Why a figure may have got worse: what changed with it, and the command that finds the cause. Pure. */
import type { HistoryRun } from '../../core/results/history/entry.ts';
import type { Series, SeriesPoint } from '../../core/results/history/series.ts';
import { type Suspect, suspectsOf, tellApart } from '../../core/results/history/suspects.ts';
import type { Change, Mixed } from '../../core/results/history/trend.ts';

export interface Explanation {
  /** Null where the history does not say what one of the runs was made with. */
  readonly suspects: readonly Suspect[] | null;
  /**
   * The last commit of the old level and the first of the new one; null where they are the same, or not
   * known, and of a slope.
   */
  readonly commits: { readonly good: string; readonly bad: string } | null;
  /** The arguments of `bisect`; null where it could not find out. */
  readonly bisect: string | null;
}

/**
 * @param entries the runs that the series is made of
 * @param bisectable metrics that `bisect` compares
 */
export function explain(
  series: Series,
  change: Change,
  entries: readonly HistoryRun[],
  bisectable: readonly string[],
): Explanation {
  const entryOf = (point: SeriesPoint) => entries.find(({ runId, at }) => runId === point.runId && at === point.at);
  const suspects = suspectsOf(entryOf(change.last), entryOf(change.at));
  const [good, bad] = [change.last.commit, change.at.commit];
  // A slope has no one commit that made it: the figure moves a little with each run.
  const isOne = change.slope === null && good !== bad;
  if (good === null || bad === null || !isOne) return { suspects, commits: null, bisect: null };
  const canBisect = series.arm !== null && bisectable.includes(series.metric);
  const words = [
    `--good ${good.slice(0, 12)}`,
    `--bad ${bad.slice(0, 12)}`,
    `--arm ${series.arm}`,
    `--metric ${series.metric}`,
  ];
  return { suspects, commits: { good, bad }, bisect: canBisect ? words.join(' ') : null };
}

/** What tells the two kinds of run apart that a series mixes; nothing where the history does not say. */
export function kindsDifferIn(series: Series, mixed: Mixed, entries: readonly HistoryRun[]): Suspect[] {
  const known = new Map(entries.map((entry) => [`${entry.at} ${entry.runId}`, entry]));
  const of = (indices: readonly number[]) =>
    indices.flatMap((i) => known.get(`${series.points[i]?.at} ${series.points[i]?.runId}`) ?? []);
  return tellApart(of(mixed.lower), of(mixed.upper));
}
