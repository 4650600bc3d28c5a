/**
 * Which of two arms costs less at given needs, as far as their paired comparison supports an order. Without prices,
 * cost is CPU time, and the comparison alone decides. With prices, it is money: whole replicas and whole Redis
 * processes. One arm is then put before another only if it costs less at both ends of their ratio, whichever of the two
 * arms' figures the ratio is applied to.
 */

import { askingShare, type Cost } from './cost.ts';
import type { ArmEvidence, PairEvidence, RunEvidence } from './evidence.ts';
import type { Needs } from './needs.ts';
import { moneyAt } from './sizing.ts';

/** `unknown`: the two were not compared in the same blocks, or only by one sample. */
export type Order = 'before' | 'after' | 'tied' | 'unknown';

export interface Candidate {
  readonly arm: ArmEvidence;
  readonly cost: Cost | null;
}

const OPPOSITE = { before: 'after', after: 'before', tied: 'tied', unknown: 'unknown' } as const;
const SIDES = ['value', 'low', 'high'] as const;

type PairIndex = ReadonlyMap<string, ReadonlyMap<string, PairEvidence>>;

/** Pairs by run, cached because a search asks for the same pairs many times. */
const INDEXES = new WeakMap<RunEvidence, PairIndex>();

/** Each pair from both of its arms. */
function indexOf({ pairs }: RunEvidence): PairIndex {
  const index = new Map<string, Map<string, PairEvidence>>();
  const add = (from: string, to: string, pair: PairEvidence) => {
    const own = index.get(from) ?? new Map<string, PairEvidence>();
    index.set(from, own.set(to, pair));
  };
  for (const pair of pairs) {
    add(pair.a, pair.b, pair);
    add(pair.b, pair.a, pair);
  }
  return index;
}

export function pairOf(run: RunEvidence, a: string, b: string): PairEvidence | null {
  let index = INDEXES.get(run);
  if (index === undefined) {
    index = indexOf(run);
    INDEXES.set(run, index);
  }
  return index.get(a)?.get(b) ?? null;
}

/** The cost of the second as a multiple of the first: both ends, and 1 between them if no difference was found. */
function ratios(pair: PairEvidence, first: string): readonly [number, number] {
  const { low, high } = pair.ratio;
  const [least, most] = pair.b === first ? [low, high] : [1 / high, 1 / low];
  if (pair.outcome !== 'no difference') return [least, most];
  return [Math.min(1, least), Math.max(1, most)];
}

const light = ({ replicaUs, redisUs, companionUs }: Cost) => replicaUs.value + redisUs.value + companionUs.value;

/** A candidate with what all its comparisons share, for given needs. */
interface Compared {
  readonly candidate: Candidate;
  /** Null if the cost of a request was not measured. */
  readonly costs: {
    readonly cost: Cost;
    readonly lightUs: number;
    /** CPU time of an average request in µs, given that of its light part. */
    readonly cpuUs: (lightUs: number, side: (typeof SIDES)[number]) => number;
    /** Monthly; null as in `moneyAt`. */
    readonly money: ((scale: number) => number) | null;
  } | null;
}

function comparedAt(candidate: Candidate, needs: Needs): Compared {
  const { arm, cost } = candidate;
  if (cost === null) return { candidate, costs: null };
  const { replicaUs, redisUs, companionUs } = cost.recheck;
  const asking = askingShare(arm, cost, needs);
  const lightUs = light(cost);
  const cpuUs = (ownUs: number, side: (typeof SIDES)[number]) =>
    ownUs + asking * (replicaUs[side] + redisUs[side] + companionUs[side]);
  return { candidate, costs: { cost, lightUs, cpuUs, money: moneyAt(arm, cost, needs, 'value') } };
}

/** The cost that orders arms which share a place, and arms before they are compared. */
function estimateOf({ costs }: Compared): number {
  if (costs === null) return Number.POSITIVE_INFINITY;
  return costs.money === null ? costs.cpuUs(costs.lightUs, 'value') : costs.money(1);
}

function orderAt(a: Compared, b: Compared, needs: Needs, run: RunEvidence): Order {
  const [first, second] = [a.costs, b.costs];
  if (first === null || second === null) return 'unknown';
  const pair = pairOf(run, a.candidate.arm.name, b.candidate.arm.name);
  if (pair === null || pair.outcome === 'one sample') return 'unknown';
  // Older runs compare the server processes alone, which does not order two arms if one of them loads Redis.
  if (!run.ratiosIncludeRedis && first.cost.redisUs.value + second.cost.redisUs.value > 0) return 'unknown';
  if (!(first.lightUs > 0) || !(second.lightUs > 0)) return 'unknown';
  if (needs.prices !== null && (first.money === null || second.money === null)) return 'unknown';
  // The ratio times the figure of one arm need not equal the figure of the other, so the order has to hold from both.
  const order = orderFrom(first, second, ratios(pair, a.candidate.arm.name));
  if (order === 'tied') return 'tied';
  const reverse = orderFrom(second, first, ratios(pair, b.candidate.arm.name));
  return reverse === OPPOSITE[order] ? order : 'tied';
}

type Costs = NonNullable<Compared['costs']>;

/** The order of two arms by the figure of the first and their ratio; tied unless it is the same at all ends. */
function orderFrom(first: Costs, second: Costs, ends: readonly number[]): 'before' | 'after' | 'tied' {
  let found: 'before' | 'after' | null = null;
  for (const ratio of ends) {
    // At a ratio of 1 it is equal, without rounding.
    const secondUs = ratio * first.lightUs;
    for (const side of SIDES) {
      const [firstCost, secondCost] = costsAt(first, second, secondUs, side);
      if (firstCost === secondCost) return 'tied';
      const order = firstCost < secondCost ? 'before' : 'after';
      if (found !== null && found !== order) return 'tied';
      found = order;
    }
  }
  return found ?? 'tied';
}

/** Money with prices, or else CPU time. Replicas are whole numbers, so every cost within the first arm's interval is tried. */
function costsAt(first: Costs, second: Costs, secondUs: number, side: (typeof SIDES)[number]): [number, number] {
  if (first.money === null || second.money === null)
    return [first.cpuUs(first.lightUs, side), second.cpuUs(secondUs, side)];
  const level = first.cost.replicaUs[side] / first.cost.replicaUs.value;
  return [first.money(level), second.money((secondUs / second.lightUs) * level)];
}

export function orderOf(a: Candidate, b: Candidate, needs: Needs, run: RunEvidence): Order {
  return orderAt(comparedAt(a, needs), comparedAt(b, needs), needs, run);
}

export interface Placed {
  readonly candidate: Candidate;
  /** 1 plus the number of arms known to cost less; null for an arm that was compared with none of the others. */
  readonly place: number | null;
}

/** Sorted by place; arms that share a place are sorted by their estimates. */
export function placesOf(candidates: readonly Candidate[], needs: Needs, run: RunEvidence): Placed[] {
  const compared = byEstimate(candidates, needs);
  const orders = compared.map(() => compared.map((): Order => 'unknown'));
  for (const [i, a] of compared.entries()) {
    for (const [j, b] of compared.entries()) {
      if (j <= i) continue;
      const order = orderAt(a, b, needs, run);
      (orders[i] as Order[])[j] = order;
      (orders[j] as Order[])[i] = OPPOSITE[order];
    }
  }
  return compared
    .map(({ candidate }, i): Placed => {
      const own = (orders[i] as Order[]).filter((_, j) => j !== i);
      const isKnown = own.length === 0 || own.some((order) => order !== 'unknown');
      return { candidate, place: isKnown ? 1 + own.filter((order) => order === 'after').length : null };
    })
    .toSorted((one, other) => (one.place ?? Number.POSITIVE_INFINITY) - (other.place ?? Number.POSITIVE_INFINITY));
}

function byEstimate(candidates: readonly Candidate[], needs: Needs): Compared[] {
  const estimated = candidates.map((candidate) => {
    const compared = comparedAt(candidate, needs);
    return { compared, estimate: estimateOf(compared) };
  });
  return estimated.toSorted((one, other) => one.estimate - other.estimate).map(({ compared }) => compared);
}

/**
 * The arms with place 1, as `placesOf` gives them. Two arms that both cost more than another need no comparison, so
 * the likely first ones are compared first.
 */
export function firstOfAll(candidates: readonly Candidate[], needs: Needs, run: RunEvidence): Candidate[] {
  const compared = byEstimate(candidates, needs);
  const beaten = new Set<Compared>();
  const known = new Set<Compared>(compared.length === 1 ? compared : []);
  for (const [i, a] of compared.entries()) {
    for (const b of compared.slice(i + 1)) {
      if (beaten.has(a) && beaten.has(b)) continue;
      const order = orderAt(a, b, needs, run);
      if (order === 'unknown') continue;
      known.add(a).add(b);
      if (order !== 'tied') beaten.add(order === 'before' ? b : a);
    }
  }
  return compared.filter((one) => known.has(one) && !beaten.has(one)).map(({ candidate }) => candidate);
}
