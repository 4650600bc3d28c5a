/** Notices that the wall clock was set, or that the machine slept, while a run measured. */
import { formatDuration } from '../../core/text/format.ts';

export interface Clocks {
  readonly wallMs: number;
  /** Of a clock that nobody sets, and that stands still while the machine sleeps. */
  readonly monotonicMs: number;
}

/** Time servers correct a clock gradually by up to 0.05 %; twice that, and a second, is not yet a step. */
const LEAST_STEP_MS = 1_000;
const GRADUAL_SHARE = 0.001;

/** @returns how the wall clock went wrong between two readings, and what that may change; null if it did not. Pure. */
export function stepNote(start: Clocks, end: Clocks): string | null {
  const passedMs = end.monotonicMs - start.monotonicMs;
  const stepMs = end.wallMs - start.wallMs - passedMs;
  if (Math.abs(stepMs) <= LEAST_STEP_MS + GRADUAL_SHARE * passedMs) return null;
  const by = formatDuration(Math.abs(stepMs));
  return stepMs > 0
    ? `During the run, the wall clock moved ahead by ${by}: it was set, or the machine slept. Credentials may have expired early: run it again.`
    : `During the run, the wall clock was set back by ${by}. Credentials may have lived longer than they should: run it again.`;
}

const readClocks = (): Clocks => ({ wallMs: Date.now(), monotonicMs: performance.now() });

export class ClockWatch {
  readonly #start = readClocks();

  /** Empty if the clock went steadily since this was made. */
  notes(): string[] {
    const note = stepNote(this.#start, readClocks());
    return note === null ? [] : [note];
  }
}
