/** Why a figure may have got worse: what changed with it, and the command that finds the cause. Pure. */
import type { HistoryRun } from '../../core/results/history/entry.ts';
import type { Series, SeriesPoint } from '../../core/results/history/series.ts';
import { type Suspect, suspectsOf, tellApart } from '../../core/results/history/suspects.ts';
import type { Change, Mixed } from '../../core/results/history/trend.ts';
import type { MetricInfo } from '../../core/results/metrics/metric-info.ts';
import { METRICS, type Metric } from '../../core/results/metrics.ts';

export interface Explanation {
  /** Null where the history does not say what one of the runs was made with. */
  readonly suspects: readonly Suspect[] | null;
  /**
   * The last commit that certainly has the old level and the first that certainly has the new one; null where they are
   * the same, or not known, and of a slope.
   */
  readonly commits: { readonly good: string; readonly bad: string } | null;
  /** Whether one of these two runs measured edits, which no commit holds. */
  readonly edited: boolean;
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
  const [before, after] = [entryOf(change.known.before), entryOf(change.known.after)];
  const suspects = suspectsOf(before, after);
  const edited = before?.dirty === true || after?.dirty === true;
  const [good, bad] = [change.known.before.commit, change.known.after.commit];
  // A slope has no one commit that made it: the figure moves a little with each run.
  const isOne = change.slope === null && good !== bad;
  if (good === null || bad === null || !isOne) return { suspects, commits: null, edited, bisect: null };
  const metric = bisectedFor(series.metric, bisectable);
  const words = [
    `--good ${good.slice(0, 12)}`,
    `--bad ${bad.slice(0, 12)}`,
    `--arm ${series.arm}`,
    `--metric ${metric}`,
  ];
  const canBisect = series.arm !== null && metric !== null && !edited;
  return { suspects, commits: { good, bad }, edited, bisect: canBisect ? words.join(' ') : null };
}

/** The metric itself, or the one that it compares with another arm's; null if `bisect` compares neither. */
function bisectedFor(metric: Metric, bisectable: readonly string[]): string | null {
  const { paired }: MetricInfo = METRICS[metric];
  return [metric, paired?.of].find((one) => one !== undefined && bisectable.includes(one)) ?? null;
}

/** What tells the two kinds of run apart that a series mixes; nothing where the history does not say. */
export function kindsDifferIn(series: Series, mixed: Mixed, entries: readonly HistoryRun[]): Suspect[] {
  const known = new Map(entries.map((entry) => [`${entry.at} ${entry.runId}`, entry]));
  const of = (indices: readonly number[]) =>
    indices.flatMap((i) => known.get(`${series.points[i]?.at} ${series.points[i]?.runId}`) ?? []);
  return tellApart(of(mixed.lower), of(mixed.upper));
}
