/** What garbage collections add to the cost of a side: from the turns that contain one. Pure. */
import { hodgesLehmann, median } from '../../../core/stats/location.ts';

/** One round: a turn of each side, in CPU µs per request. */
export interface Pair {
  readonly reference: number;
  readonly side: number;
  /** The pauses of garbage collections, in ms: 0 without any. */
  readonly referencePausedMs: number;
  readonly sidePausedMs: number;
}

/** A turn that contains a collection. */
interface CollectingTurn {
  readonly isReference: boolean;
  readonly pausedMs: number;
  /** ln(its cost / that of the turns around it). */
  readonly log: number;
}

/**
 * A turn that pauses for longer than this many usual ones of its side has a collection of another kind, such as one of
 * the old generation, or several. One location would hide up to a quarter of such turns, so each counts in full. The
 * other side does not decide what is usual: one that pauses for longer would hide the long ones of this side.
 */
const LONG_PAUSE = 2;

/**
 * What collections add to each side's mean turn, as a fraction of its turns without any. @param steady
 * ln(side / reference) without collections @param pairs of which at least one has no collection
 */
export function collectionShares(pairs: readonly Pair[], steady: number): { reference: number; side: number } {
  const collecting = collectingTurns(pairs, Math.exp(steady));
  const of = (turns: readonly CollectingTurn[]) => sumOfShares(turns) / pairs.length;
  return {
    reference: of(collecting.filter(({ isReference }) => isReference)),
    side: of(collecting.filter(({ isReference }) => !isReference)),
  };
}

/**
 * Equal builds collect at the same pace, so often both in one round. What a turn would have cost without its collection
 * is therefore taken from all turns around it, of both sides.
 */
function collectingTurns(pairs: readonly Pair[], level: number): CollectingTurn[] {
  return pairs.flatMap((pair, round) => {
    const own = [
      { isReference: true, pausedMs: pair.referencePausedMs, us: pair.reference },
      { isReference: false, pausedMs: pair.sidePausedMs, us: pair.side / level },
    ].filter(({ pausedMs }) => pausedMs > 0);
    if (own.length === 0) return [];
    const without = median(freeAround(pairs, round, level));
    return own.map(({ isReference, pausedMs, us }) => ({ isReference, pausedMs, log: Math.log(us / without) }));
  });
}

/** Enough turns for a median that one of them, slowed by a stall of the machine, does not decide. */
const FEWEST_AROUND = 3;

/** Costs of turns without a collection in the nearest rounds that have enough of them, on the scale of the reference. */
function freeAround(pairs: readonly Pair[], round: number, level: number): number[] {
  for (let reach = 1; ; reach++) {
    const near = pairs.slice(Math.max(0, round - reach), round + reach + 1);
    const free = near.flatMap((pair) => [
      ...(pair.referencePausedMs === 0 ? [pair.reference] : []),
      ...(pair.sidePausedMs === 0 ? [pair.side / level] : []),
    ]);
    if (free.length >= FEWEST_AROUND || near.length === pairs.length) return free;
  }
}

/**
 * Usual collections are alike, so a typical one stands for all: if the machine stalled in one of ten turns, that would
 * decide their mean. Long ones are rare, and a location would omit them, so each counts in full.
 */
function sumOfShares(collecting: readonly CollectingTurn[]): number {
  if (collecting.length === 0) return 0;
  const longMs = LONG_PAUSE * median(collecting.map(({ pausedMs }) => pausedMs));
  const usual = collecting.filter(({ pausedMs }) => pausedMs <= longMs).map(({ log }) => log);
  const long = collecting.filter(({ pausedMs }) => pausedMs > longMs).map(({ log }) => log);
  const typical = usual.length === 0 ? 0 : hodgesLehmann(usual);
  return usual.length * Math.expm1(typical) + long.reduce((sum, log) => sum + Math.expm1(log), 0);
}
