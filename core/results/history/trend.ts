/** Whether a series changed, and whether it recently got worse. Pure. */
import { implausible } from '../../levels/apart.ts';
import type { Kinds } from '../../levels/kinds.ts';
import { roundingOf } from '../../levels/rounding.ts';
import { type Track, tracksOf } from '../../levels/tracks.ts';
import { median } from '../../stats/location.ts';
import type { Flag } from '../flags.ts';
import { METRICS } from '../metrics.ts';
import { type Slope, type Turn, turnsOf } from './bends.ts';
import { placesInTime } from './places.ts';
import type { Series, SeriesPoint } from './series.ts';
import { type DriftLine, driftOf, type Level, levelsOf, type Step, stepsOf } from './steps.ts';

export interface Change {
  /** The first point of the new level, or of the new slope. */
  readonly at: SeriesPoint;
  readonly index: number;
  /** The last point of the old level: of the same kind of run, and not broken. */
  readonly last: SeriesPoint;
  /**
   * The last point that is certainly before the change, and the first one certainly after it, since noise can move its
   * place; of a slope, both ends of its first run.
   */
  readonly known: { readonly before: SeriesPoint; readonly after: SeriesPoint };
  /** How certain a change of level is: twice the logarithm of a likelihood ratio. Null for a slope. */
  readonly evidence: number | null;
  /** The levels on both sides; of a slope, its line at the start and at the end. */
  readonly before: number;
  readonly after: number;
  /** The new level divided by the old; Infinity if the old was 0. */
  readonly ratio: number;
  readonly better: 'better' | 'worse' | 'neither';
  /** The kind of run that changed; null if all did. */
  readonly kind: 'upper' | 'middle' | 'lower' | null;
  /** How the series goes on if its trend bends here; null for a change of level. */
  readonly slope: Slope | null;
}

/** Why a run is excluded from its level. */
export type ReasonAside =
  /** Flagged as having measured something else. */
  | 'flagged'
  /** Off by a large factor, followed by a return. */
  | 'implausible'
  /** A single run far from those before and after. */
  | 'apart';

export interface RunAside {
  readonly at: SeriesPoint;
  readonly index: number;
  readonly reason: ReasonAside;
}

/** Runs of several configurations or machines that the history does not distinguish. */
export interface Mixed {
  /** The indices of the runs of the upper kind, and of the lower one. */
  readonly upper: readonly number[];
  readonly lower: readonly number[];
  /** The kinds between them, ascending, each with its level divided by the lower kind's. */
  readonly middle: readonly { readonly runs: readonly number[]; readonly ratio: number | null }[];
  /** The upper kind's level divided by the lower kind's; null if levels are not all positive. */
  readonly ratio: number | null;
}

export interface Trend {
  readonly changes: readonly Change[];
  /** Between the changes; empty without one. With several kinds of runs, those of each. */
  readonly levels: readonly Level[];
  /** Runs excluded from all levels, in order. They stay in the series. */
  readonly aside: readonly RunAside[];
  /** The correlation of neighbouring runs about their level, as the fit found it. */
  readonly correlation: number;
  /**
   * Where the series clearly drifts, by 2 % or more: like a change with a slope that begins with the first run, or with
   * the last change of level. No run began it.
   */
  readonly drifts: readonly Change[];
  /** The period of a season in runs, or in days of nightly runs, such as a costlier day of the week; null for none. */
  readonly repeatsAfter: number | null;
  /** The kinds of runs mixed in the series, if there are two or more. */
  readonly mixed: Mixed | null;
}

/** Smaller changes are noise to a reader, even if a long series can resolve them. */
export const LEAST_CHANGE = 0.02;
/** The lowest spread assumed on the log scale, where differences are ratios. */
const LEAST_SPREAD = 0.003;
/** Flags of runs that measured something else. */
const BROKEN: readonly Flag[] = ['gate-failed', 'unexpected-responses', 'rate-missed'];
/** If more runs than this share a flag, it describes how the series is measured, not a broken run. */
const MOST_FLAGGED = 0.25;

const trends = new WeakMap<Series, Trend>();

/** Cached per series, because a page asks more than once. */
export function trendOf(series: Series): Trend {
  const known = trends.get(series) ?? fitted(series);
  trends.set(series, known);
  return known;
}

export const changesOf = (series: Series): readonly Change[] => trendOf(series).changes;

export const isDrift = ({ slope }: Change) => slope?.course.endsWith(' steadily') === true;

/** Everything to tell about a series: its changes, and its drifts. */
export function movesOf(series: Series): readonly Change[] {
  const { changes, drifts } = trendOf(series);
  return [...changes, ...drifts];
}

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
  const unit = roundingOf(values) / (isPositive && values.length > 0 ? median(values) : 1);
  const times = points.map(({ at }) => at);
  const places = placesInTime(times, kept, scaled, least);
  const { tracks, mixture } = tracksOf(scaled, least, places, unit);

  for (const { members, apart } of tracks) {
    // The last two may begin a level that later runs will confirm.
    for (const i of apart) if (i < members.length - 2) reasons.set(kept[members[i] as number] as number, 'apart');
  }
  const without = (value: number, moved: number) => (isPositive ? value / Math.exp(moved) : value - moved);
  const unscaled = (fitted: number) => (isPositive ? Math.exp(fitted) : fitted);
  const known = { values, indices: kept, places, without, isLarge: isApart };
  const found = tracks.map((track, i) => {
    const indexOf = (member: number) => kept[track.members[member] as number] as number;
    const turns = turnsOf(track.fit.bends, track.members.length - 1, unscaled, isApart).map((turn) => ({
      ...turn,
      evidence: null,
      index: indexOf(turn.at + 1),
      last: indexOf(turn.at),
      known: { before: indexOf(turn.at), after: indexOf(turn.at + 1) },
      until: indexOf(turn.until),
    }));
    const steps = stepsOf(track, known);
    const changeAt = (step: Omit<Step, 'point'>, better: Change['better'], slope: Slope | null): Change => ({
      at: points[step.index] as SeriesPoint,
      index: step.index,
      last: points[step.last] as SeriesPoint,
      known: {
        before: points[step.known.before] as SeriesPoint,
        after: points[step.known.after] as SeriesPoint,
      },
      evidence: step.evidence,
      before: step.before,
      after: step.after,
      ratio: ratioOf(step),
      better,
      kind: kindOf(i, tracks.length),
      slope,
    });
    const changes = [
      ...steps.map((step) => changeAt(step, directionOf(series, step.after > step.before), null)),
      ...turns.map((turn) => {
        const { course, until, expected } = turn;
        return changeAt(turn, directionOfTurn(series, turn), { course, until, expected });
      }),
    ];
    const levels = levelsOf(track, steps, known, points.length);
    const line = driftOf(track, steps, known);
    const drifts =
      line === null || !isApart(line.before, line.after) ? [] : [driftAt(series, line, kindOf(i, tracks.length))];
    return {
      changes,
      drifts,
      levels: turns.length === 0 ? levels : stretchesOf(track, turns, points.length, unscaled, without),
    };
  });
  const changes = oneForBoth(found.flatMap((one) => one.changes));
  const drifts = found.flatMap((one) => one.drifts);
  const aside = [...reasons]
    .toSorted(([a], [b]) => a - b)
    .map(([index, reason]) => ({ at: points[index] as SeriesPoint, index, reason }));
  return {
    changes,
    drifts,
    levels:
      changes.length === 0 && drifts.length === 0 && mixture === null ? [] : found.flatMap(({ levels }) => levels),
    aside,
    correlation: Math.max(...tracks.map(({ fit }) => fit.correlation)),
    repeatsAfter: tracks.map(({ fit }) => fit.season?.period ?? null).find((period) => period !== null) ?? null,
    mixed: mixture === null ? null : mixedOf(mixture, kept, isPositive),
  };
}

const ratioOf = ({ before, after }: Pick<Step, 'before' | 'after'>) =>
  before === 0 ? Number.POSITIVE_INFINITY : after / before;
const isApart = (before: number, after: number) => Math.abs(ratioOf({ before, after }) - 1) >= LEAST_CHANGE;

function driftAt(series: Series, { from, until, before, after }: DriftLine, kind: Change['kind']): Change {
  const rises = after > before;
  const [first, last] = [series.points[from] as SeriesPoint, series.points[until] as SeriesPoint];
  return {
    ...{ at: first, index: from, last: first, evidence: null, known: { before: first, after: last } },
    ...{ before, after, ratio: ratioOf({ before, after }), better: directionOf(series, rises), kind },
    slope: { course: rises ? 'grows steadily' : 'falls steadily', until, expected: before },
  };
}

/** The lines of a track whose trend bends, in place of its levels; for two kinds that share them, those of both. */
function stretchesOf(
  { added, fit }: Track,
  turns: readonly (Turn & { readonly index: number })[],
  count: number,
  unscaled: (fitted: number) => number,
  without: (value: number, moved: number) => number,
): Level[] {
  const [bend] = fit.bends;
  const start = bend === undefined ? 0 : unscaled(bend.value - bend.before * bend.at);
  const stretches = [{ index: 0, before: start, after: turns[0]?.before ?? start }, ...turns];
  return [...new Set([0, ...added])].flatMap((moved) => {
    const of = (value: number) => without(value, -moved);
    return stretches.map(({ index, before, after }, i) => {
      return { from: index, to: stretches[i + 1]?.index ?? count, value: of(before), end: of(after) };
    });
  });
}

/** If two kinds change within this many runs, each by its own amount, it is one change. */
const TOGETHER = 3;

/** The changes in order. If two kinds changed at once in the same direction, only the larger change. */
function oneForBoth(changes: readonly Change[]): Change[] {
  const size = ({ ratio }: Change) => Math.abs(Math.log(ratio));
  const kept: Change[] = [];
  for (const change of changes.toSorted((a, b) => a.index - b.index)) {
    const last = kept.at(-1);
    const isNear = last !== undefined && change.index - last.index < TOGETHER;
    const isSame = isNear && change.ratio > 1 === last.ratio > 1 && change.kind !== last.kind;
    if (isSame) kept[kept.length - 1] = { ...(size(change) > size(last) ? change : last), kind: null };
    else kept.push(change);
  }
  return kept;
}

function mixedOf({ offsets, kindOf }: Kinds, kept: readonly number[], isPositive: boolean): Mixed {
  const of = (kind: number) => kept.filter((_, i) => kindOf[i] === kind);
  const ratioOfKind = (kind: number) => (isPositive ? Math.exp(offsets[kind] as number) : null);
  const last = offsets.length - 1;
  const middle = Array.from({ length: last - 1 }, (_, i) => ({ runs: of(i + 1), ratio: ratioOfKind(i + 1) }));
  return { upper: of(last), lower: of(0), ratio: ratioOfKind(last), middle };
}

/** @param track counted from that of the uppermost kind */
function kindOf(track: number, tracks: number): Change['kind'] {
  if (tracks === 1) return null;
  return track === 0 ? 'upper' : track === tracks - 1 ? 'lower' : 'middle';
}

const valueAt = (points: readonly SeriesPoint[], index: number) => (points[index] as SeriesPoint).value;

function directionOf({ metric }: Series, rose: boolean): Change['better'] {
  const { better } = METRICS[metric];
  if (better === 'neither') return 'neither';
  return (better === 'bigger') === rose ? 'better' : 'worse';
}

/** A series that only slows down, or levels off, gets neither better nor worse. */
const directionOfTurn = (series: Series, { towards }: Turn): Change['better'] =>
  towards === null ? 'neither' : directionOf(series, towards === 'up');
