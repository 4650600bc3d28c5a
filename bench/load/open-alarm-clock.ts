/** What the alarm and its thread share: a layout of memory, and a clock that is the same in every thread. */

export const ALARM_BYTES = 16;
/** Float64: when to ring next. */
export const MOMENT_INDEX = 0;
/** Int32: raised each time the alarm is set. */
export const SEQUENCE_INDEX = 2;
/** Int32: nobody ever changes it, so a wait on it ends by time alone. */
export const STILL_INDEX = 3;

/** `performance.now()` counts from the start of its own thread; this does not. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
