/** The changes of level in a track that are large enough for a reader, and the levels between them. Pure. */

import type { Places } from '../../levels/places.ts';
import { seasonAt } from '../../levels/seasons.ts';
import type { Track } from '../../levels/tracks.ts';
import { median } from '../../stats/location.ts';

export interface Level {
  /** The indices of its first point, and of the one after its last. */
  readonly from: number;
  readonly to: number;
  readonly value: number;
  /** The value at its end, if the trend is a slope there; otherwise the same. */
  readonly end: number;
}

export interface Step {
  /** The first point of the new level, in the series. */
  readonly index: number;
  /** The last point of the old one. */
  readonly last: number;
  /** The last point that is certainly before the change, and the first one certainly after it. */
  readonly known: { readonly before: number; readonly after: number };
  readonly before: number;
  readonly after: number;
  readonly evidence: number | null;
  /** The member of the track with which it begins. */
  readonly point: number;
}

/** The values of a series that were not set aside. */
export interface Kept {
  readonly values: readonly number[];
  /** Their indices in the series. */
  readonly indices: readonly number[];
  /** Their places in time, on which a season depends. */
  readonly places: readonly number[];
  /** Subtracts an amount, on the scale of the fit, from a value. */
  without(value: number, moved: number): number;
  /** Whether a difference between two levels is worth a report. */
  isLarge(before: number, after: number): boolean;
}

/**
 * The steps that are large, compared with the level before or with the one last reported. Small steps in one direction
 * add up: each alone is too small to report, but the series is not where it was. The smaller ones join the level before.
 */
export function stepsOf(track: Track, kept: Kept): Step[] {
  const { members, added, fit } = track;
  if (fit.points.length === 0) return [];
  const bounds = [0, ...fit.points, members.length];
  const indexOf = (member: number) => kept.indices[members[member] as number] as number;
  const lastOfKind = (point: number) => added.findLastIndex((moved, j) => j < point && moved === added[point]);
  const levels = bounds.slice(1).map((to, i) => levelWithin(track, kept, bounds[i] as number, to));
  const steps: Step[] = [];
  let reported = levels[0] as number;
  for (const [i, point] of fit.points.entries()) {
    // Without kind and season, and with the drift as at the point of the change.
    const at = (level: number) => kept.without(level, -fit.drift * point);
    const [neighbour, after] = [at(levels[i] as number), at(levels[i + 1] as number)];
    const isFarFromReported = kept.isLarge(at(reported), after);
    if (!isFarFromReported && !kept.isLarge(neighbour, after)) continue;
    const before = isFarFromReported ? at(reported) : neighbour;
    const { first, last, evidence } = track.places[i] as Places;
    steps.push({
      index: indexOf(point),
      last: indexOf(Math.max(0, lastOfKind(point))),
      known: { before: indexOf(Math.max(0, lastOfKind(first))), after: indexOf(last) },
      before,
      after,
      evidence,
      point,
    });
    reported = levels[i + 1] as number;
  }
  return steps;
}

/** The median of some members, so that an outlier does not move it; without kind, season and drift. */
function levelWithin({ members, added, fit }: Track, { values, places, without }: Kept, from: number, to: number) {
  const own = members.slice(from, to).map((at, j) => {
    const repeated = fit.season === null ? 0 : seasonAt(fit.season, places[at] as number);
    return without(values[at] as number, (added[from + j] as number) + repeated + fit.drift * (from + j));
  });
  return median(own);
}

/** Where a series clearly drifts: its line since the last change of level. */
export interface DriftLine {
  /** The first and the last point, in the series. */
  readonly from: number;
  readonly until: number;
  readonly before: number;
  readonly after: number;
}

/** Null without a clear drift. */
export function driftOf(track: Track, steps: readonly Step[], kept: Kept): DriftLine | null {
  const { members, fit } = track;
  if (!fit.isDriftClear) return null;
  const first = steps.at(-1)?.point ?? 0;
  const level = levelWithin(track, kept, first, members.length);
  const at = (member: number) => kept.without(level, -fit.drift * member);
  const indexOf = (member: number) => kept.indices[members[member] as number] as number;
  const last = members.length - 1;
  return { from: indexOf(first), until: indexOf(last), before: at(first), after: at(last) };
}

/** The levels of a track between its steps; for kinds with shared steps, those of each. */
export function levelsOf(track: Track, steps: readonly Step[], kept: Kept, end: number): Level[] {
  const { members, added, fit } = track;
  if (members.length === 0) return [];
  const starts = [0, ...steps.map(({ point }) => point)];
  const own = starts.map((from, i) => {
    const to = starts[i + 1] ?? members.length;
    const level = levelWithin(track, kept, from, to);
    return { value: kept.without(level, -fit.drift * from), end: kept.without(level, -fit.drift * (to - 1)) };
  });
  const bounds = [0, ...steps.map(({ index }) => index), end];
  const others = [...new Set(added)].filter((moved) => moved !== 0);
  const kinds = [
    own,
    ...others.map((moved) =>
      own.map(({ value, end: last }) => ({ value: kept.without(value, -moved), end: kept.without(last, -moved) })),
    ),
  ];
  return kinds.flatMap((levels) =>
    levels.map((level, i) => ({ from: bounds[i] as number, to: bounds[i + 1] as number, ...level })),
  );
}
