/** Burns a known CPU time. */

/** Two readings of the clock further apart than this: in between, somebody else had the CPU. */
const PREEMPTED_MICROS = 20;

/**
 * Runs until it has been seen on the CPU for `micros`. The kernel's own CPU clock moves in ticks of milliseconds while
 * a thread runs, too coarse for one request; so only the time between two readings close to each other is counted,
 * and whatever took the CPU away meanwhile is not.
 * @returns the µs that were burned by this count
 */
export function burn(micros: number, nowMicros: () => number): number {
  let burned = 0;
  let last = nowMicros();
  while (burned < micros) {
    const now = nowMicros();
    const step = now - last;
    if (step < PREEMPTED_MICROS) burned += step;
    last = now;
  }
  return burned;
}
