/**
 * Which of two arms costs less at given needs, as far as their paired comparison supports an order. Without prices,
 * cost is CPU time, and the comparison alone decides. With prices, it is money: whole replicas and whole Redis
 * processes. One arm is then put before another only if it costs less at both ends of their ratio.
 */

import { askingShare, type Cost } from './cost.ts';
import type { ArmEvidence, PairEvidence, RunEvidence } from './evidence.ts';
import type { Needs } from './needs.ts';
import { moneyFor } from './sizing.ts';

/** `unknown`: the two were not compared in the same blocks, or only by one sample. */
export type Order = 'before' | 'after' | 'tied' | 'unknown';

export interface Candidate {
  readonly arm: ArmEvidence;
  readonly cost: Cost | null;
}

const OPPOSITE = { before: 'after', after: 'before', tied: 'tied', unknown: 'unknown' } as const;
const SIDES = ['value', 'low', 'high'] as const;

/** Pairs by run, cached because a search asks for the same pairs many times. */
const INDEXES = new WeakMap<RunEvidence, ReadonlyMap<string, PairEvidence>>();

const keyOf = (a: string, b: string) => (a < b ? `${a} ${b}` : `${b} ${a}`);

export function pairOf(run: RunEvidence, a: string, b: string): PairEvidence | null {
  let index = INDEXES.get(run);
  if (index === undefined) {
    index = new Map(run.pairs.map((pair) => [keyOf(pair.a, pair.b), pair]));
    INDEXES.set(run, index);
  }
  return index.get(keyOf(a, b)) ?? null;
}

/** The cost of the second as a multiple of the first: both ends, and 1 between them if no difference was found. */
function ratios(pair: PairEvidence, first: string): readonly [number, number] {
  const { low, high } = pair.ratio;
  const [least, most] = pair.b === first ? [low, high] : [1 / high, 1 / low];
  if (pair.outcome !== 'no difference') return [least, most];
  return [Math.min(1, least), Math.max(1, most)];
}

const light = ({ replicaUs, redisUs, companionUs }: Cost) => replicaUs.value + redisUs.value + companionUs.value;

/** CPU time of an average request, with its light part scaled. */
function cpu(arm: ArmEvidence, cost: Cost, needs: Needs, scale: number, side: (typeof SIDES)[number]): number {
  const { replicaUs, redisUs, companionUs } = cost.recheck;
  const more = replicaUs[side] + redisUs[side] + companionUs[side];
  return light(cost) * scale + askingShare(arm, cost, needs) * more;
}

export function orderOf(a: Candidate, b: Candidate, needs: Needs, run: RunEvidence): Order {
  if (a.cost === null || b.cost === null) return 'unknown';
  const pair = pairOf(run, a.arm.name, b.arm.name);
  if (pair === null || pair.outcome === 'one sample') return 'unknown';
  const [first, second] = [a.cost, b.cost];
  // Older runs compare the server processes alone, which does not order two arms if one of them loads Redis.
  if (!run.ratiosIncludeRedis && first.redisUs.value + second.redisUs.value > 0) return 'unknown';
  const total = light(first);
  const other = light(second);
  if (!(total > 0) || !(other > 0)) return 'unknown';
  const outcomes = new Set<Order>();
  for (const ratio of ratios(pair, a.arm.name)) {
    // The factor for the second arm's own figure that makes the ratio and the first arm's figure consistent.
    const scale = (ratio * total) / other;
    for (const side of SIDES) {
      // Replicas are whole numbers, so the order has to hold for every cost within the first arm's interval.
      const level = needs.prices === null ? 1 : first.replicaUs[side] / first.replicaUs.value;
      const [mine, its] =
        needs.prices === null
          ? [cpu(a.arm, first, needs, 1, side), cpu(b.arm, second, needs, scale, side)]
          : [moneyFor(a.arm, first, needs, 'value', level), moneyFor(b.arm, second, needs, 'value', scale * level)];
      if (mine === null || its === null) return 'unknown';
      outcomes.add(mine < its ? 'before' : mine > its ? 'after' : 'tied');
    }
  }
  const [only, ...more] = outcomes;
  return more.length === 0 ? (only ?? 'unknown') : 'tied';
}

export interface Placed {
  readonly candidate: Candidate;
  /** 1 plus the number of arms known to cost less; null for an arm that was compared with none of the others. */
  readonly place: number | null;
}

/** Sorted by place; arms that share a place are sorted by their estimates. */
export function placesOf(candidates: readonly Candidate[], needs: Needs, run: RunEvidence): Placed[] {
  const orders = candidates.map(() => candidates.map((): Order => 'unknown'));
  for (const [i, a] of candidates.entries()) {
    for (const [j, b] of candidates.entries()) {
      if (j <= i) continue;
      const order = orderOf(a, b, needs, run);
      (orders[i] as Order[])[j] = order;
      (orders[j] as Order[])[i] = OPPOSITE[order];
    }
  }
  const estimate = ({ arm, cost }: Candidate) => {
    if (cost === null) return Number.POSITIVE_INFINITY;
    return moneyFor(arm, cost, needs, 'value') ?? cpu(arm, cost, needs, 1, 'value');
  };
  return candidates
    .map((candidate, i): Placed => {
      const own = (orders[i] as Order[]).filter((_, j) => j !== i);
      const isKnown = own.length === 0 || own.some((order) => order !== 'unknown');
      return { candidate, place: isKnown ? 1 + own.filter((order) => order === 'after').length : null };
    })
    .toSorted(
      (one, other) =>
        (one.place ?? Number.POSITIVE_INFINITY) - (other.place ?? Number.POSITIVE_INFINITY) ||
        estimate(one.candidate) - estimate(other.candidate),
    );
}
