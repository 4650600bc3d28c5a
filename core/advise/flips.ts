/** The nearest needs at which another arm becomes first: how robust the answer is. */

import { cachedMs } from './cost.ts';
import type { RunEvidence } from './evidence.ts';
import { anyFits, armsMeetingRules, cheapestOf, firstOf } from './first.ts';
import { CLIENTS, type Needs, type NumericNeed, OUTAGES, RANGES, type Range, STORES } from './needs.ts';

export interface NumericFlip {
  readonly need: NumericNeed;
  /** The nearest value at which other arms are first, to three digits. */
  readonly at: number;
  readonly direction: 'up' | 'down';
  readonly first: readonly string[];
  /** Whether any arm meets the needs there. If so and `first` is empty, it is not known which costs least. */
  readonly isMet: boolean;
  /** The distance from the current value, as a share of the range on its scale. */
  readonly distance: number;
}

export interface SwitchFlip {
  readonly need: keyof Needs;
  readonly to: string;
  readonly first: readonly string[];
  /** As in `NumericFlip`. */
  readonly isMet: boolean;
}

export interface Flips {
  /** The nearest first, one for each need and direction. */
  readonly numbers: readonly NumericFlip[];
  readonly switches: readonly SwitchFlip[];
}

const STEPS = 24;
/** With prices, cost rises in steps of whole machines, which a coarser search could miss. */
const PRICED_STEPS = 120;
const REFINEMENTS = 12;

const toScale = ({ scale }: Range, value: number) => (scale === 'log' ? Math.log(value) : value);
const fromScale = ({ scale }: Range, place: number) => (scale === 'log' ? Math.exp(place) : place);

/**
 * The deadlines of critical operations and of all requests depend on each other: one that equals the other, or is
 * capped by it, moves with it.
 */
export function withNumber(needs: Needs, need: NumericNeed, value: number): Needs {
  if (need === 'revokeWithinMs' && needs.criticalWithinMs === needs.revokeWithinMs)
    return { ...needs, revokeWithinMs: value, criticalWithinMs: value };
  const changed: Needs = { ...needs, [need]: value };
  const { revokeWithinMs, criticalWithinMs } = changed;
  if (revokeWithinMs === null || (criticalWithinMs !== null && criticalWithinMs <= revokeWithinMs)) return changed;
  return need === 'revokeWithinMs'
    ? { ...changed, criticalWithinMs: revokeWithinMs }
    : { ...changed, revokeWithinMs: criticalWithinMs };
}

/** The value from which a search starts. A need that is not stated has none, except a deadline. */
function startOf(needs: Needs, need: NumericNeed): number | null {
  const value = needs[need];
  if (value !== null) return Math.min(RANGES[need].high, Math.max(RANGES[need].low, value));
  return need === 'revokeWithinMs' || need === 'criticalWithinMs' ? RANGES[need].high : null;
}

/**
 * If only CPU time counts, the paired comparison gives the order at any load, so the load does not matter. It does
 * matter for arms that answer from copies, because it sets how often those are used.
 */
function matters(run: RunEvidence, needs: Needs, need: NumericNeed): boolean {
  const { prices, p99Ms, budget, revokeWithinMs, criticalWithinMs } = needs;
  // If both have one deadline, it is one number.
  if (need === 'criticalWithinMs' && criticalWithinMs === revokeWithinMs) return false;
  const isSized =
    prices !== null ||
    p99Ms !== null ||
    budget !== null ||
    run.arms.some((arm) => cachedMs(arm) !== null || arm.verifiedUs !== null);
  if (need === 'rttMs') return p99Ms !== null;
  return isSized || !['users', 'requestsPerSecond', 'utilisation'].includes(need);
}

const LOAD: readonly NumericNeed[] = ['users', 'requestsPerSecond', 'rttMs', 'utilisation', 'p99Ms', 'budget'];
const isLoad = (need: NumericNeed) => LOAD.includes(need);

const sameNames = (a: readonly string[], b: readonly string[]) => [...a].sort().join() === [...b].sort().join();

function search(
  run: RunEvidence,
  needs: Needs,
  need: NumericNeed,
  direction: 'up' | 'down',
  now: readonly string[],
): NumericFlip | null {
  const start = startOf(needs, need);
  if (start === null) return null;
  const range: Range = RANGES[need];
  const [least, most] = [toScale(range, range.low), toScale(range, range.high)];
  const from = toScale(range, start);
  const end = direction === 'up' ? most : least;
  // No rule depends on the load, so the same arms fit at every load.
  const fitting = isLoad(need) ? armsMeetingRules(run, needs) : null;
  const firstAt = (place: number) => {
    const changed = withNumber(needs, need, fromScale(range, place));
    return fitting === null ? firstOf(run, changed) : cheapestOf(fitting, changed, run);
  };
  const steps = Math.ceil((Math.abs(end - from) / (most - least)) * (needs.prices === null ? STEPS : PRICED_STEPS));
  let before = from;
  for (let step = 1; step <= steps; step++) {
    const place = from + ((end - from) * step) / steps;
    let first = firstAt(place);
    if (!sameNames(first, now)) {
      let after = place;
      for (let i = 0; i < REFINEMENTS; i++) {
        const middle = (before + after) / 2;
        const found = firstAt(middle);
        if (sameNames(found, now)) before = middle;
        else [after, first] = [middle, found];
      }
      const at = Number(fromScale(range, after).toPrecision(3));
      const isMet = first.length > 0 || anyFits(run, withNumber(needs, need, fromScale(range, after)));
      return { need, at, direction, first, isMet, distance: Math.abs(after - from) / (most - least) };
    }
    before = place;
  }
  return null;
}

/** Every other answer to a question with few answers. */
function alternatives(needs: Needs): { readonly need: keyof Needs; readonly to: string; readonly needs: Needs }[] {
  const flag = (need: 'crossOrigin' | 'keepFromScripts' | 'verifiedElsewhere' | 'sticky' | 'handTuned') => ({
    need,
    to: needs[need] ? 'no' : 'yes',
    needs: { ...needs, [need]: !needs[need] },
  });
  const clients = CLIENTS.map((client) => {
    const others = needs.clients.filter((other) => other !== client);
    const isThere = others.length < needs.clients.length;
    const list = isThere ? others : CLIENTS.filter((one) => one === client || needs.clients.includes(one));
    return { need: 'clients' as const, to: list.join(','), needs: { ...needs, clients: list } };
  });
  return [
    ...clients.filter((one) => one.needs.clients.length > 0),
    ...(['crossOrigin', 'keepFromScripts', 'verifiedElsewhere', 'sticky', 'handTuned'] as const).map(flag),
    ...OUTAGES.filter((to) => to !== needs.outage).map((to) => ({
      need: 'outage' as const,
      to,
      needs: { ...needs, outage: to },
    })),
    ...STORES.filter((to) => to !== needs.store).map((to) => ({
      need: 'store' as const,
      to,
      needs: { ...needs, store: to },
    })),
  ];
}

/** Each step is a function, so that a page stays responsive between steps. */
export interface FlipSearch {
  readonly numbers: readonly (() => NumericFlip | null)[];
  readonly switches: () => readonly SwitchFlip[];
}

/** @param now the arms that are first */
export function flipSearch(run: RunEvidence, needs: Needs, now: readonly string[]): FlipSearch {
  const asked = (Object.keys(RANGES) as NumericNeed[]).filter((need) => matters(run, needs, need));
  return {
    numbers: asked.flatMap((need) =>
      (['down', 'up'] as const).map((direction) => () => search(run, needs, need, direction, now)),
    ),
    switches: () =>
      alternatives(needs)
        .map(({ need, to, needs: changed }) => {
          const first = firstOf(run, changed);
          return { need, to, first, isMet: first.length > 0 || anyFits(run, changed) };
        })
        .filter(({ first }) => !sameNames(first, now)),
  };
}

export function nearestFirst(numbers: readonly NumericFlip[]): NumericFlip[] {
  return numbers.toSorted((a, b) => a.distance - b.distance);
}

export function flipsOf(run: RunEvidence, needs: Needs, now: readonly string[] = firstOf(run, needs)): Flips {
  const { numbers, switches } = flipSearch(run, needs, now);
  const found = numbers.map((look) => look()).filter((flip) => flip !== null);
  return { numbers: nearestFirst(found), switches: switches() };
}
