/** Whether a series changed, and whether lately for the worse. Pure. */
import { changePoints, penaltyFor } from '../../stats/change-points.ts';
import { median } from '../../stats/location.ts';
import { METRICS } from '../metrics.ts';
import type { Series, SeriesPoint } from './history.ts';

export interface Change {
  /** The first point of the new level. */
  readonly at: SeriesPoint;
  readonly index: number;
  readonly before: number;
  readonly after: number;
  /** Of the new level over the old; Infinity where the old was 0. */
  readonly ratio: number;
  readonly better: 'better' | 'worse' | 'neither';
}

/** Levels closer than this are noise to a reader, whatever a long series can tell apart. */
const LEAST_CHANGE = 0.02;
/** On the log scale, where differences are ratios. */
const LEAST_SPREAD = 0.003;
/** A level stands when three runs make it: of two, one may be wild, and their median is neither. */
const MIN_SIZE = 3;

/** Medians of each level, so that one wild run moves none. */
export function changesOf(series: Series): Change[] {
  const values = series.points.map(({ value }) => value);
  const positive = values.every((value) => value > 0);
  const scaled = positive ? values.map(Math.log) : values;
  const least = positive ? LEAST_SPREAD : LEAST_SPREAD * Math.max(1e-9, ...values.map(Math.abs));
  const points = changePoints(scaled, penaltyFor(scaled, least), MIN_SIZE);
  const bounds = [0, ...points, values.length];
  return points.flatMap((index, i) => {
    const before = median(values.slice(bounds[i], index));
    const after = median(values.slice(index, bounds[i + 2]));
    const ratio = before === 0 ? Number.POSITIVE_INFINITY : after / before;
    if (Math.abs(ratio - 1) < LEAST_CHANGE) return [];
    const at = series.points[index] as SeriesPoint;
    return [{ at, index, before, after, ratio, better: directionOf(series, after > before) }];
  });
}

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
