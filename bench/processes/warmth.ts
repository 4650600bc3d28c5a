/**
 * When a server, or a function in a loop, is warm: V8's helper threads no longer optimise it, and its cost on the main
 * thread no longer falls. Pure. The curves behind these constants are in docs/method.md, "Laboratory notes".
 */

/** CPU time of a stretch of equal work. */
export interface Stretch {
  readonly mainNs: number;
  readonly helpersNs: number;
}

/** Requests per stretch of a warm-up. */
export const STRETCH_REQUESTS = 500;
/** Stretches that are judged together: enough that a single garbage collection does not decide. */
const TOGETHER = 3;
/** Helper threads are idle if they use less than this share of the main thread's CPU time. */
const QUIET = 0.02;
/**
 * Helper threads that collect garbage are never idle, but steady: their share changes by no more than this between groups
 * of stretches, and never reaches a third of the main thread's time. One of V8's late optimisations takes 40 to 480 % of a
 * stretch; a garbage collection in the arm with the most garbage takes at most 28 %.
 */
const STEADY = { change: 0.05, most: 1 / 3 } as const;
/** A decrease of the cost by less than this may be noise of the machine. */
const FALLEN = 0.1;

export interface Warmth {
  readonly isWarm: boolean;
  /** CPU time of the helper threads over the last stretches, as a fraction of the main thread's. */
  readonly helperShare: number;
  /** CPU time of the main thread, averaged over the last stretches. */
  readonly mainNsPerStretch: number;
}

function sumOf(stretches: readonly Stretch[]): Stretch {
  return stretches.reduce((sum, { mainNs, helpersNs }) => ({
    mainNs: sum.mainNs + mainNs,
    helpersNs: sum.helpersNs + helpersNs,
  }));
}

/** @returns the helpers' share; 0 if no thread used any CPU time */
export function helperShare({ mainNs, helpersNs }: Stretch): number {
  return helpersNs === 0 ? 0 : helpersNs / mainNs;
}

/**
 * @param stretches of the same amount and kind of work, oldest first
 *
 * @returns not warm while there are too few to judge
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
