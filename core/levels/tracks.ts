/**
 * The levels of a series of any kind: runs of one kind, of two with shared changes, or of two that change
 * independently. Pure.
 */
import { farFromNeighbours } from './apart.ts';
import { type LevelFit, scoredLevels } from './fit.ts';
import { addedByKind, type Kinds, kindsIn } from './kinds.ts';
import { type Places, placesOf } from './places.ts';
import { seasonAt, seasonOf, withoutSeason } from './seasons.ts';

/** Values that share their changes of level. */
export interface Track {
  /** The indices of its values, ascending. */
  readonly members: readonly number[];
  /** The offset of each member's kind from the level; all 0 for members of one kind. */
  readonly added: readonly number[];
  /** Its points count members. */
  readonly fit: LevelFit;
  /** Where each of its points may lie, as members. */
  readonly places: readonly Places[];
  /** Members far from their neighbours, which count for no level. */
  readonly apart: readonly number[];
}

export interface Tracks {
  readonly tracks: readonly Track[];
  /** The kinds of run that the series mixes; null for one kind. */
  readonly mixture: Kinds | null;
}

/** An exact season says more than kinds in any order, so it is preferred if it explains nearly as much. */
const NEARLY = 1.1;

/**
 * @param values finite @param leastSpread the lowest spread assumed for the noise @param places of the values,
 * ascending @param rounding the rounding error of a value that is a whole number: a count may change by one without a
 * reason
 */
export function tracksOf(
  values: readonly number[],
  leastSpread: number,
  places: readonly number[],
  rounding: number,
): Tracks {
  const all = [...values.keys()];
  const mixture = kindsIn(values, Math.max(leastSpread, rounding));
  const single = () => [trackOf(values, all, [], leastSpread, places).track];
  if (mixture === null) return { tracks: single(), mixture };
  const added = addedByKind(mixture);
  const season = seasonOf(values, leastSpread, places);
  const repeated = places.map((place) => (season === null ? 0 : seasonAt(season, place)));
  if (NEARLY * roughness(values, added) >= roughness(values, repeated)) {
    // If the kinds always alternate, a season of two is the shorter description; they are kinds all the same.
    return { tracks: single(), mixture: season?.period === mixture.offsets.length ? mixture : null };
  }
  const shared = trackOf(values, all, added, leastSpread, places);
  const kinds = mixture.offsets.map((_, kind) => all.filter((i) => mixture.kindOf[i] === kind)).toReversed();
  const own = kinds.map((members) => trackOf(values, members, [], leastSpread, places));
  const isShared = shared.score <= own.reduce((sum, { score }) => sum + score, 0);
  return { tracks: isShared ? [shared.track] : own.map(({ track }) => track), mixture };
}

/** The total difference between neighbours, without the offsets of their kinds. */
function roughness(values: readonly number[], added: readonly number[]): number {
  const steady = values.map((value, i) => value - (added[i] as number));
  return steady.slice(1).reduce((sum, value, i) => sum + Math.abs(value - (steady[i] as number)), 0);
}

/** @param added offsets by the kinds of all values; empty for one kind */
function trackOf(
  values: readonly number[],
  members: readonly number[],
  added: readonly number[],
  leastSpread: number,
  allPlaces: readonly number[],
): { readonly track: Track; readonly score: number } {
  const places = members.map((i) => allPlaces[i] as number);
  const ofKind = members.map((i) => added[i] ?? 0);
  const own = members.map((i, j) => (values[i] as number) - (ofKind[j] as number));
  // A costlier day of the week is far from its neighbours and is no outlier. A run that was set aside had its day of
  // the week, too.
  const season = seasonOf(own, leastSpread, places);
  const repeated = places.map((place) => (season === null ? 0 : seasonAt(season, place)));
  const apart = farFromNeighbours(
    own.map((value, j) => value - (repeated[j] as number)),
    leastSpread,
  );
  const steady = own.map((value, j) => (apart.has(j) ? (apart.get(j) as number) + (repeated[j] as number) : value));
  const { fit, score } = scoredLevels(steady, leastSpread, places, apart.size === 0 ? season : undefined);
  // A value that is set aside adds two parameters: the value and its position.
  const cost = 2 * Math.log(values.length) * apart.size;
  const level = fit.season === null ? steady : withoutSeason(steady, fit.season, places);
  const undrifted = level.map((value, j) => value - fit.drift * j);
  const known = placesOf(undrifted, fit.points, fit.correlation, leastSpread);
  return { track: { members, added: ofKind, fit, places: known, apart: [...apart.keys()] }, score: score + cost };
}
