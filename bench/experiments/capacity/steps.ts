/** From the steps of a search to its looks: a step that the load generator spoiled is repeated, and is no look. Pure. */
import type { Look } from './search.ts';
import type { Verdict } from './verdict.ts';

export interface Step {
  readonly rate: number;
  readonly verdict: Verdict;
}

/** How often a rate is tried. Where the generator spoils each step, it is the limit. */
export const MOST_TRIES = 3;

/** A look, and the step that decided it. */
export interface DecidedLook<Of extends Step> extends Look {
  readonly step: Of;
}

/** @param steps in order; the next rate follows from the looks, so that of a spoiled step comes again at once */
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
