/**
 * The cost of a side relative to the reference, from turns that share the machine's state. Garbage collection is a
 * separate term: it occurs in a few turns, which a robust location of all turns would ignore. Pure.
 */
import { hodgesLehmann, mean, median } from '../../../core/stats/location.ts';
import { collectionShares, type Pair } from './collections.ts';

/** The sampled costs. */
export const COST_METRICS = ['cpu_us_per_request', 'redis_cpu_us_per_request', 'total_cpu_us_per_request'] as const;
export type CostMetric = (typeof COST_METRICS)[number];

/** One turn of load at one side, in CPU µs per request. */
export interface Turn {
  readonly replicaUs: number;
  /** Null if the arm has no Redis of its own. */
  readonly redisUs: number | null;
  /** Null if the arm has no companions. */
  readonly companionUs: number | null;
  /** How long garbage collections paused the replica in it: 0 without any; null if it does not report that. */
  readonly pausedMs: number | null;
}

/** A cost in CPU µs per request, and the contribution of garbage collection. */
export interface Level {
  readonly steadyUs: number;
  readonly gcUs: number;
}

/** One fork of a side and the reference, on the scale of ln(side / reference). */
export interface PairedCost {
  /** The ratio of the whole cost. */
  readonly total: number;
  /** The cost without garbage collection, and garbage collection as a share of the reference's whole cost. */
  readonly parts: { readonly steady: number; readonly gc: number } | null;
  readonly reference: Level;
  readonly side: Level;
}

interface ToldPair extends Pair {
  /** Whether both report garbage collections. */
  readonly isTold: boolean;
}

/** With fewer turns without a collection on either side, the two terms cannot be separated. */
const FEWEST_FREE = 20;
/** A stretch of turns is compared as one if each side collected garbage this often in it. */
const COLLECTIONS_PER_STRETCH = 2;
/**
 * If a side does not report when it collects garbage, stretches have this many turns: some collections of a young
 * generation fall into each, so that no stretch is left out for having one.
 */
const TURNS_PER_STRETCH = 15;

/** @returns null if no pair of turns was measured */
export function pairedCost(reference: readonly Turn[], side: readonly Turn[], metric: CostMetric): PairedCost | null {
  const pairs = pairsOf(reference, side, metric);
  if (pairs.length === 0) return null;
  if (pairs.some(({ isTold }) => !isTold)) return asWhole(pairs, TURNS_PER_STRETCH);
  const free = pairs.filter((pair) => pair.referencePausedMs === 0 && pair.sidePausedMs === 0);
  return free.length === pairs.length || free.length >= FEWEST_FREE ? inTerms(pairs, free) : asWhole(pairs);
}

function pairsOf(reference: readonly Turn[], side: readonly Turn[], metric: CostMetric): ToldPair[] {
  return reference.flatMap((before, i) => {
    const after = side[i];
    if (after === undefined) return [];
    const [base, head] = [costOf(before, metric), costOf(after, metric)];
    if (!(base > 0 && head > 0)) return [];
    // Redis collects no garbage.
    const collects = metric !== 'redis_cpu_us_per_request';
    return [
      {
        reference: base,
        side: head,
        referencePausedMs: collects ? (before.pausedMs ?? 0) : 0,
        sidePausedMs: collects ? (after.pausedMs ?? 0) : 0,
        isTold: !collects || (before.pausedMs !== null && after.pausedMs !== null),
      },
    ];
  });
}

/** NaN if it was not measured. */
function costOf({ replicaUs, redisUs, companionUs }: Turn, metric: CostMetric): number {
  if (metric === 'cpu_us_per_request') return replicaUs;
  if (metric === 'redis_cpu_us_per_request') return redisUs ?? Number.NaN;
  return replicaUs + (redisUs ?? 0) + (companionUs ?? 0);
}

/** The typical ratio of turns without garbage collection, and what collections add to the mean turn of each side. */
function inTerms(pairs: readonly Pair[], free: readonly Pair[]): PairedCost {
  const steady = hodgesLehmann(free.map((pair) => Math.log(pair.side / pair.reference)));
  const reference = median(free.map((pair) => pair.reference));
  const side = reference * Math.exp(steady);
  const shares = collectionShares(pairs, steady);
  const [referenceGcUs, sideGcUs] = [reference * shares.reference, side * shares.side];
  const totalUs = reference + referenceGcUs;
  return {
    total: Math.log((side + sideGcUs) / totalUs),
    parts: { steady, gc: Math.log(1 + (sideGcUs - referenceGcUs) / totalUs) },
    reference: { steadyUs: reference, gcUs: referenceGcUs },
    side: { steadyUs: side, gcUs: sideGcUs },
  };
}

/**
 * If nearly every turn contains a collection: the typical ratio of stretches of turns that each contain several.
 * @param turns of a stretch, if collections do not delimit it
 */
function asWhole(pairs: readonly Pair[], turns: number | null = null): PairedCost {
  const stretches: { reference: number; side: number }[] = [];
  const empty = { turns: 0, reference: 0, side: 0, referenceCollections: 0, sideCollections: 0 };
  let open = empty;
  for (const pair of pairs) {
    open = {
      turns: open.turns + 1,
      reference: open.reference + pair.reference,
      side: open.side + pair.side,
      referenceCollections: open.referenceCollections + Number(pair.referencePausedMs > 0),
      sideCollections: open.sideCollections + Number(pair.sidePausedMs > 0),
    };
    const isFull =
      turns === null
        ? Math.min(open.referenceCollections, open.sideCollections) >= COLLECTIONS_PER_STRETCH
        : open.turns >= turns;
    if (!isFull) continue;
    stretches.push(open);
    open = empty;
  }
  const compared = stretches.length > 0 ? stretches : pairs;
  const total = hodgesLehmann(compared.map(({ reference, side }) => Math.log(side / reference)));
  const referenceUs = mean(pairs.map(({ reference }) => reference));
  return {
    total,
    parts: null,
    reference: { steadyUs: referenceUs, gcUs: 0 },
    side: { steadyUs: referenceUs * Math.exp(total), gcUs: 0 },
  };
}

export const totalUs = ({ steadyUs, gcUs }: Level): number => steadyUs + gcUs;
