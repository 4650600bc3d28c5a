/** Turns figures into sentences that claim no more than the intervals allow. Charts and headline speak through these. */
import type { Interval } from '../stats/interval.ts';
import { formatEstimate, formatValue, list } from './format.ts';
import { rank } from './rank.ts';

export interface Named extends Interval {
  readonly name: string;
  readonly unit: string;
}

/** `jwt-hs256 (52.1 µs [51.5–52.8])` */
export function quote(item: Named): string {
  return `${item.name} (${formatEstimate(item)})`;
}

export interface Superlatives {
  /** `costs least CPU` */
  readonly least: string;
  /** `cost least CPU`, of several. */
  readonly leastPlural: string;
  readonly most: string;
  readonly mostPlural: string;
}

/** Counted and equal, rather than merely too close to separate. */
function same(items: readonly Named[]): boolean {
  return items.every((item) => item.low === item.high && item.value === items[0]?.value);
}

function clause(items: readonly Named[], one: string, several: string): string {
  const first = items[0];
  if (first === undefined || items.length === 1) return `${list(items.map(quote))} ${one}`;
  if (same(items)) return `${list(items.map((item) => item.name))} (${formatValue(first)} each) ${several}`;
  return `${list(items.map(quote))} ${several} (their intervals overlap)`;
}

/**
 * `a (1 µs […]) costs least CPU; b (…) and c (…) cost most CPU (their intervals overlap).` One sentence without its
 * full stop; null for no items. Where the least and the most overlap, nothing is ranked.
 */
export function compareSentence(items: readonly Named[], words: Superlatives, biggerFirst = false): string | null {
  const ranking = rank(items);
  const only = items[0];
  if (ranking === null || only === undefined) return null;
  if (items.length === 1) return `only ${quote(only)} was measured`;
  if (ranking.least.length === items.length || ranking.most.length === items.length) {
    if (same(items)) return `all are equal at ${formatValue(only)}`;
    const shown = [ranking.ordered[0] ?? only, ranking.ordered.at(-1) ?? only].map(quote);
    return items.length === 2
      ? `${shown.join(' and ')} have overlapping intervals, so no order is given`
      : `the intervals overlap, from ${shown.join(' to ')}, so no order is given`;
  }
  const least = clause(ranking.least, words.least, words.leastPlural);
  // What ties with both ends is named once.
  const most = ranking.most.filter((item) => !ranking.least.includes(item));
  if (most.length === 0) return least;
  const mostClause = clause(most, words.most, words.mostPlural);
  return biggerFirst ? `${mostClause}; ${least}` : `${least}; ${mostClause}`;
}
