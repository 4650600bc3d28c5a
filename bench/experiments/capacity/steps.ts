/**
 * Turns the steps of a search into looks: a step that the load generator spoiled is repeated, and is not a look.
 * Pure.
 */
import type { Look } from './search.ts';
import type { Verdict } from './verdict.ts';

export interface Step {
  readonly rate: number;
  readonly verdict: Verdict;
}

/** How often a rate is tried. If the generator spoils each step, the generator is the limit. */
export const MOST_TRIES = 3;

/** A look, with the step that decided it. */
export interface DecidedLook<Of extends Step> extends Look {
  readonly step: Of;
}

/** @param steps in order; the next rate depends on the looks, so the rate of a spoiled step is repeated at once */
export function looksOf<Of extends Step>(steps: readonly Of[]): DecidedLook<Of>[] {
  const looks: DecidedLook<Of>[] = [];
  let spoiled = 0;
  for (const step of steps) {
    const { rate, verdict } = step;
    spoiled = verdict === 'spoiled' ? spoiled + 1 : 0;
    if (verdict !== 'spoiled') looks.push({ rate, isMet: verdict === 'met', step });
    else if (spoiled === MOST_TRIES) {
      looks.push({ rate, isMet: false, byGenerator: true, step });
      spoiled = 0;
    }
  }
  return looks;
}
