/** Turns figures into sentences that claim no more than was compared. Used by charts and the headline. */

import type { PairedRatios } from '../results/paired-ratios.ts';
import { isSampledUnit } from '../results/sampled.ts';
import type { Interval } from '../stats/interval.ts';
import { formatEstimate, formatValue, list } from './format.ts';

/** Why estimates are given without an order. */
export const NOT_PAIRED = 'not compared in pairs, so no order is given';

export interface Named extends Interval {
  readonly name: string;
  readonly unit: string;
  /** The number of blocks of a sample; absent for a count. */
  readonly blocks?: number;
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

export interface CompareOptions {
  readonly biggerFirst?: boolean;
  /** The items' comparisons in the same blocks. Without them, only counts are ordered. */
  readonly pairs?: PairedRatios | null;
}

/** Counted and equal, rather than merely inseparable. */
function same(items: readonly Named[]): boolean {
  return items.every((item) => item.low === item.high && item.value === items[0]?.value);
}

function clause(items: readonly Named[], one: string, several: string): string {
  const first = items[0];
  if (first === undefined || items.length === 1) return `${list(items.map(quote))} ${one}`;
  if (same(items)) return `${list(items.map((item) => item.name))} (${formatValue(first)} each) ${several}`;
  return `${list(items.map(quote))} ${several} (no difference found between them)`;
}

/** Whether it is one sample of a quantity that varies, so that it has no interval. */
const isLone = ({ unit, blocks, low, high }: Named) => isSampledUnit(unit) && low === high && (blocks ?? 1) <= 1;

/** Whether two items are known to differ; null if unknown. Counts do not drift, so they need no pairs. */
function differ(a: Named, b: Named, pairs: PairedRatios | null): boolean | null {
  if (a === b) return false;
  const pair = pairs?.between(a.name, b.name) ?? null;
  if (pair !== null) return pair.outcome === 'one sample' ? null : pair.outcome !== 'no difference';
  if (isSampledUnit(a.unit) || isSampledUnit(b.unit)) return null;
  return a.low > b.high || b.low > a.high;
}

/** Items in the order of their pairs if there is one, otherwise by value. */
function ordered(items: readonly Named[], pairs: PairedRatios | null): Named[] {
  const places = (pairs?.ranking('smaller')?.arms ?? []).map(({ arm }) => arm);
  const place = ({ name }: Named) => places.indexOf(name);
  const known = items.every((item) => place(item) >= 0);
  return items.toSorted((a, b) => (known ? place(a) - place(b) : a.value - b.value));
}

/**
 * `a (1 µs […]) costs least CPU; b (…) and c (…) cost most CPU (no difference found between them)`. One sentence
 * without its full stop; null for no items. Samples without paired comparisons are not ordered.
 */
export function compareSentence(
  items: readonly Named[],
  words: Superlatives,
  { biggerFirst = false, pairs = null }: CompareOptions = {},
): string | null {
  const sorted = ordered(items, pairs);
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined) return null;
  if (items.length === 1) return `only ${quote(first)} was measured${isLone(first) ? ', by one sample' : ''}`;
  if (same(items) && !isSampledUnit(first.unit)) return `all are equal at ${formatValue(first)}`;
  const fromLeast = sorted.map((item) => differ(item, first, pairs));
  const fromMost = sorted.map((item) => differ(item, last, pairs));
  if ([...fromLeast, ...fromMost].includes(null)) {
    const why = items.every(isLone) ? 'one sample each, which shows no order' : NOT_PAIRED;
    const [least, most] = items
      .toSorted((a, b) => a.value - b.value)
      .flatMap((item, i, { length }) => (i === 0 || i === length - 1 ? [item] : []));
    return `the estimates go from ${quote(least ?? first)} to ${quote(most ?? last)}: ${why}`;
  }
  const least = sorted.filter((_, i) => fromLeast[i] === false);
  const most = sorted.filter((_, i) => fromMost[i] === false);
  if (fromLeast.at(-1) === false) {
    return `no difference found between ${items.length === 2 ? '' : 'the extremes, '}${list([first, last].map(quote))}`;
  }
  const leastClause = clause(least, words.least, words.leastPlural);
  // An item that ties with both ends is named once.
  const others = most.filter((item) => !least.includes(item));
  if (others.length === 0) return leastClause;
  const mostClause = clause(others, words.most, words.mostPlural);
  return biggerFirst ? `${mostClause}; ${leastClause}` : `${leastClause}; ${mostClause}`;
}
