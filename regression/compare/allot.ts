/** Decides which comparison gets the next fork, if several share one budget. */
import { mean } from '../../core/stats/location.ts';

/** Fewer fresh starts than this say too little about how much starts differ. */
export const FIRST_LOOK = 4;

/** A comparison, as far as the allocation of time is concerned. */
export interface Allotted {
  readonly forks: number;
  readonly mostForks: number;
  readonly secondsPerFork: number;
  readonly isKnown: boolean;
  /** It continues to this many forks even if it is known, if there is time; default 0. */
  readonly leastForks?: number;
  plan(forks: number): void;
  fork(): Promise<void>;
  /** How many more forks each of its open verdicts needs; null if no number would suffice. */
  standings(): readonly { readonly forksNeeded: number | null }[];
}

/** The last fork may end this much later, as a share of the budget. */
const LATE_SHARE = 0.05;
/** Before this many forks, their duration is unknown: the first also fills caches. */
const TRIAL_FORKS = 2;

/**
 * Gives each comparison forks until all are decided or the time is spent. All have equal shares and advance equally; a
 * decided one leaves its time to the others, and continues to its least number of forks with what they do not need. The
 * last of the time goes to the one nearest to a verdict.
 *
 * @param onFork is called after each fork
 */
export async function allot<T extends Allotted>(
  contests: readonly T[],
  budgetSeconds: number,
  onFork: (contest: T) => void,
): Promise<void> {
  const started = performance.now();
  const left = () => budgetSeconds - (performance.now() - started) / 1000;
  let open = 0;
  for (;;) {
    const unknown = contests.filter(({ isKnown }) => !isKnown);
    // A plan depends on the time and on which comparisons have ended, never on the results of its own forks.
    if (unknown.every(({ forks }) => forks >= TRIAL_FORKS) && unknown.length !== open) {
      open = unknown.length;
      for (const one of unknown) one.plan(forksIn(one, left() / open, open > 1));
    }
    // Forks may have become faster since. Only before the last planned one can a plan still be extended.
    const going = unknown.filter(({ forks, mostForks }) => forks < mostForks);
    for (const one of going.filter(({ forks, mostForks }) => forks === mostForks - 1)) {
      const fit = forksIn(one, left() / going.length, going.length > 1);
      if (fit > one.mostForks) one.plan(fit);
    }
    const seconds = left() + LATE_SHARE * budgetSeconds;
    const next =
      nextOf(unknown, seconds) ?? nextOf(contests.filter(wantsMore), seconds, ({ leastForks = 0 }) => leastForks);
    if (next === null) return;
    await next.fork();
    onFork(next);
  }
}

const wantsMore = ({ isKnown, forks, leastForks = 0 }: Allotted) => isKnown && forks < leastForks;

/** Seconds of a fork, from those so far: the first does not count, because it also fills caches; 0 before the first. */
export function secondsPerFork(forks: readonly { readonly seconds: number }[]): number {
  const counted = forks.length > 1 ? forks.slice(1) : forks;
  return counted.length === 0 ? 0 : mean(counted.map(({ seconds }) => seconds));
}

/** @param isShared if so, a fork that fits only partly counts, since one of those that share the time can use it */
function forksIn({ forks, secondsPerFork }: Allotted, seconds: number, isShared: boolean): number {
  const fit = seconds / secondsPerFork;
  return forks + Math.max(0, isShared ? Math.ceil(fit) : Math.floor(fit));
}

/**
 * Pure. @param open those that may need more forks @param mostOf the number of forks at which each ends; default: its
 * plan @returns null if nothing is left to do, or no time
 */
export function nextOf<T extends Allotted>(
  open: readonly T[],
  leftSeconds: number,
  mostOf: (one: T) => number = ({ mostForks }) => mostForks,
): T | null {
  // Without these there would be no look at all, so they may take longer than the time allows.
  const begun = byForks(open.filter(({ forks }) => forks < FIRST_LOOK));
  if (begun[0] !== undefined) return begun[0];
  const possible = byForks(open.filter((one) => one.forks < mostOf(one) && one.secondsPerFork <= leftSeconds));
  const [first] = possible;
  if (first === undefined) return null;
  const together = possible.reduce((sum, { secondsPerFork }) => sum + secondsPerFork, 0);
  if (together <= leftSeconds) return first;
  return possible.toSorted((a, b) => neededBy(a) - neededBy(b))[0] ?? null;
}

const byForks = <T extends Allotted>(contests: readonly T[]) => contests.toSorted((a, b) => a.forks - b.forks);

function neededBy(contest: Allotted): number {
  return Math.max(0, ...contest.standings().map(({ forksNeeded }) => forksNeeded ?? Number.MAX_VALUE));
}
