/** Shared by the alarm and its thread: a memory layout, and a clock that is the same in every thread. */

export const ALARM_BYTES = 16;
/** Float64: when to ring next. */
export const MOMENT_INDEX = 0;
/** Int32: incremented each time the alarm is set. */
export const SEQUENCE_INDEX = 2;
/** Int32: it never changes, so a wait on it ends only by its time-out. */
export const STILL_INDEX = 3;

/** `performance.now()` counts from the start of its own thread; this does not. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

const TRIES = 20;

/**
 * The offset between `performance.now()` and the same clock. A process may be delayed between two readings,
 * especially just after its start, so the closest of several pairs is used.
 */
export function monotonicOriginMs(): number {
  let closestMs = Number.POSITIVE_INFINITY;
  let originMs = 0;
  for (let i = 0; i < TRIES; i++) {
    const before = performance.now();
    const between = monotonicMs();
    const after = performance.now();
    if (after - before >= closestMs) continue;
    closestMs = after - before;
    originMs = between - (before + after) / 2;
  }
  return originMs;
}
