/** A moment soon, on both clocks: Redis expires keys by the wall clock, and waits must outlast a step of that. */
import { setTimeout as sleep } from 'node:timers/promises';

export interface Moment {
  /** In milliseconds of the wall clock, whole, as Redis takes it. */
  readonly atMs: number;
  /** The same moment in milliseconds of `performance.now()`. */
  readonly dueMs: number;
}

export function momentIn(leadMs: number): Moment {
  const atMs = Math.round(Date.now() + leadMs);
  return { atMs, dueMs: performance.now() + leadMs };
}

/** Waits until then by the monotonic clock; not at all if it has passed. */
export async function reach({ dueMs }: Moment): Promise<void> {
  // A timer may fire within the millisecond before its time.
  for (let leftMs = dueMs - performance.now(); leftMs > 0; leftMs = dueMs - performance.now()) {
    await sleep(Math.ceil(leftMs));
  }
}
