/**
 * When a server, or a function in a loop, is warm: V8's helper threads have stopped optimising it, and its main thread's cost
 * has stopped falling. Pure. The curves behind these constants are in docs/method.md, "Laboratory notes".
 */

/** What a stretch of equal work took. */
export interface Stretch {
  readonly mainNs: number;
  readonly helpersNs: number;
}

/** Requests of one stretch of a warm-up. */
export const STRETCH_REQUESTS = 500;
/** Stretches that are judged together: enough that a single collection of garbage does not decide. */
const TOGETHER = 3;
/** Helper threads that use less than this share of the main thread's CPU time are quiet. */
const QUIET = 0.02;
/**
 * Helper threads that collect garbage are never quiet, but steady: their share changes by no more than this from one group of
 * stretches to the next, and is never a third of the main thread's. One of V8's late optimisations takes 40 to 480 % of a
 * stretch; a collection by the arm with the most garbage takes at most 28 %.
 */
const STEADY = { change: 0.05, most: 1 / 3 } as const;
/** A cost that is lower than the one before by less than this may differ by the machine's noise alone. */
const FALLEN = 0.1;

export interface Warmth {
  readonly isWarm: boolean;
  /** CPU time of the helper threads over the last stretches, as a part of the main thread's. */
  readonly helperShare: number;
  /** CPU time of the main thread, the mean of the last stretches. */
  readonly mainNsPerStretch: number;
}

function sumOf(stretches: readonly Stretch[]): Stretch {
  return stretches.reduce((sum, { mainNs, helpersNs }) => ({
    mainNs: sum.mainNs + mainNs,
    helpersNs: sum.helpersNs + helpersNs,
  }));
}

/** @returns the helpers' share; 0 where neither did anything */
export function helperShare({ mainNs, helpersNs }: Stretch): number {
  return helpersNs === 0 ? 0 : helpersNs / mainNs;
}

/**
 * @param stretches of the same amount and kind of work, in order, the latest last
 * @returns not warm while there are fewer than it takes to judge
 */
export function warmthOf(stretches: readonly Stretch[]): Warmth {
  const latest = stretches.slice(-TOGETHER);
  const earlier = stretches.slice(-2 * TOGETHER, -TOGETHER);
  if (latest.length === 0) return { isWarm: false, helperShare: 0, mainNsPerStretch: 0 };
  const now = sumOf(latest);
  const share = helperShare(now);
  const judged = { helperShare: share, mainNsPerStretch: now.mainNs / latest.length };
  if (earlier.length < TOGETHER) return { isWarm: false, ...judged };
  const before = sumOf(earlier);
  const isSteady =
    Math.abs(share - helperShare(before)) <= STEADY.change &&
    [...earlier, ...latest].every((stretch) => helperShare(stretch) <= STEADY.most);
  const hasFallen = now.mainNs < (1 - FALLEN) * before.mainNs;
  return { isWarm: (share < QUIET || isSteady) && !hasFallen, ...judged };
}
