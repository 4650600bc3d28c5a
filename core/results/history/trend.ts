/** Whether a series changed, and whether it recently changed for the worse. Pure. */
import { farFromNeighbours, implausible } from '../../levels/apart.ts';
import { fitLevels } from '../../levels/fit.ts';
import { type Season, seasonAt, seasonOf } from '../../levels/seasons.ts';
import { median } from '../../stats/location.ts';
import type { Flag } from '../flags.ts';
import { METRICS } from '../metrics.ts';
import type { Series, SeriesPoint } from './history.ts';

export interface Change {
  /** The first point of the new level. */
  readonly at: SeriesPoint;
  readonly index: number;
  readonly before: number;
  readonly after: number;
  /** The new level divided by the old; Infinity if the old was 0. */
  readonly ratio: number;
  readonly better: 'better' | 'worse' | 'neither';
}

/** Why a run says nothing about a level. */
export type ReasonAside =
  /** Its own run says that it measured something else. */
  | 'flagged'
  /** Off by a large factor, and back. */
  | 'implausible'
  /** Alone, far from the runs before and after. */
  | 'apart';

export interface RunAside {
  readonly at: SeriesPoint;
  readonly index: number;
  readonly reason: ReasonAside;
}

export interface Trend {
  readonly changes: readonly Change[];
  /** Runs that no level counts, in their order. They stay in the series. */
  readonly aside: readonly RunAside[];
  /** The correlation of neighbouring runs about their level, as the fit found it. */
  readonly correlation: number;
  /** Whether the series also drifts steadily, apart from its changes. */
  readonly drifts: boolean;
  /** After how many runs something in the series repeats, such as a costlier day of the week; null for nothing. */
  readonly repeatsAfter: number | null;
}

/** Levels closer than this are noise to a reader, whatever a long series can tell apart. */
const LEAST_CHANGE = 0.02;
/** The least spread on the log scale, where differences are ratios. */
const LEAST_SPREAD = 0.003;
/** Flags of runs that did not measure what the series is of. */
const BROKEN: readonly Flag[] = ['gate-failed', 'unexpected-responses', 'rate-missed'];
/** A flag on a larger share of the runs says how the series is measured, and not that a run was broken. */
const MOST_FLAGGED = 0.25;

const trends = new WeakMap<Series, Trend>();

/** Remembered for each series, since a page asks more than once. */
export function trendOf(series: Series): Trend {
  const known = trends.get(series) ?? fitted(series);
  trends.set(series, known);
  return known;
}

export const changesOf = (series: Series): readonly Change[] => trendOf(series).changes;

function fitted(series: Series): Trend {
  const { points } = series;
  const reasons = new Map<number, ReasonAside>();
  const flagged = points.flatMap(({ flags }, i) => (flags.some((flag) => BROKEN.includes(flag)) ? [i] : []));
  if (flagged.length <= MOST_FLAGGED * points.length) for (const i of flagged) reasons.set(i, 'flagged');
  const unflagged = points.flatMap((_, i) => (reasons.has(i) ? [] : [i]));
  for (const i of implausible(unflagged.map((at) => valueAt(points, at)))) {
    reasons.set(unflagged[i] as number, 'implausible');
  }

  const kept = unflagged.filter((i) => !reasons.has(i));
  const values = kept.map((at) => valueAt(points, at));
  const isPositive = values.every((value) => value > 0);
  const scaled = isPositive ? values.map(Math.log) : values;
  const least = isPositive ? LEAST_SPREAD : LEAST_SPREAD * Math.max(1e-9, ...values.map(Math.abs));
  // A costlier day of the week is far from its neighbours, and no outlier.
  const repeating = seasonOf(scaled, least, kept);
  // A run that is set aside had its day of the week, too.
  const addedBy = (season: Season | null, i: number) => (season === null ? 0 : seasonAt(season, kept[i] as number));
  const repeatedAt = (i: number) => addedBy(repeating, i);
  const apart = farFromNeighbours(
    scaled.map((value, i) => value - repeatedAt(i)),
    least,
  );
  const steady = scaled.map((value, i) => (apart.has(i) ? (apart.get(i) as number) + repeatedAt(i) : value));
  const fit = fitLevels(steady, least, kept);

  // The last two may begin a level that later runs will show.
  for (const i of apart.keys()) if (i < values.length - 2) reasons.set(kept[i] as number, 'apart');
  const without = (value: number, moved: number) => (isPositive ? value / Math.exp(moved) : value - moved);
  const bounds = [0, ...fit.points, values.length];
  const changes = fit.points.flatMap((point, i): Change[] => {
    // Medians of each level, so that one wild run moves none; without season and drift, as at the point where they meet.
    const level = (from: number, to: number) =>
      median(
        values
          .slice(from, to)
          .map((value, j) => without(value, addedBy(fit.season, from + j) + fit.drift * (from + j - point))),
      );
    const before = level(bounds[i] as number, point);
    const after = level(point, bounds[i + 2] as number);
    const ratio = before === 0 ? Number.POSITIVE_INFINITY : after / before;
    if (Math.abs(ratio - 1) < LEAST_CHANGE) return [];
    const index = kept[point] as number;
    const at = points[index] as SeriesPoint;
    return [{ at, index, before, after, ratio, better: directionOf(series, after > before) }];
  });
  const aside = [...reasons]
    .toSorted(([a], [b]) => a - b)
    .map(([index, reason]) => ({ at: points[index] as SeriesPoint, index, reason }));
  return {
    changes,
    aside,
    correlation: fit.correlation,
    drifts: fit.drift !== 0,
    repeatsAfter: fit.season?.period ?? null,
  };
}

const valueAt = (points: readonly SeriesPoint[], index: number) => (points[index] as SeriesPoint).value;

function directionOf({ metric }: Series, rose: boolean): Change['better'] {
  const { better } = METRICS[metric];
  if (better === 'neither') return 'neither';
  return (better === 'bigger') === rose ? 'better' : 'worse';
}

/** The last change, where it is for the worse and began within the last `recent` runs. */
export function recentWorsening(series: Series, recent: number): Change | null {
  const last = changesOf(series).at(-1);
  if (last?.better !== 'worse') return null;
  return series.points.length - last.index <= recent ? last : null;
}
