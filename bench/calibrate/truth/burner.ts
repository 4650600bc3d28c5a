/** Burns a known CPU time. */
import { openCpuWait } from '../../processes/threads/cpu-wait.ts';

/** If two clock readings are further apart than this, another process may have had the CPU. */
const SUSPICIOUS_MICROS = 20;

/**
 * Some 4 µs of arithmetic between two readings. Each reading allocates a number: without the arithmetic there would
 * be enough garbage that its collection, which is CPU time too, would go uncounted.
 */
const STEPS_PER_READING = 3000;

let unused = 1;

function work(): void {
  let value = unused;
  for (let step = 0; step < STEPS_PER_READING; step++) value = (Math.imul(value, 1664525) + 1013904223) | 0;
  unused = value; // stored, so that the compiler cannot drop the work
}

/** The wait time of the thread that loads this module; always 0 if the system does not account for it. */
const waitedMicros = openCpuWait() ?? (() => 0);

/**
 * Runs until it has used the CPU for `micros`. The kernel's own CPU clock moves in ticks of milliseconds while a
 * thread runs, too coarse for one request. So it reads the wall clock continuously, and subtracts from each gap the
 * time that the thread waited for a core. The rest of a gap (an interrupt, another guest on the hypervisor) counts,
 * as it does in the kernel's account of CPU time. @returns the µs burned by this account
 */
export function burn(micros: number, nowMicros: () => number, waited: () => number = waitedMicros): number {
  let burned = 0;
  let last = nowMicros();
  let waitedBefore = waited(); // after the clock: this call is CPU time too
  while (burned < micros) {
    work();
    const now = nowMicros();
    burned += now - last;
    if (now - last >= SUSPICIOUS_MICROS) {
      const waitedNow = waited();
      burned -= waitedNow - waitedBefore;
      waitedBefore = waitedNow;
    }
    last = now;
  }
  return burned;
}

/** @returns the µs of CPU time that `run` used, by the same account */
export function onCpuMicros(run: () => void, nowMicros: () => number, waited: () => number = waitedMicros): number {
  const waitedBefore = waited();
  const start = nowMicros();
  run();
  const spent = nowMicros() - start;
  return spent < SUSPICIOUS_MICROS ? spent : spent - (waited() - waitedBefore);
}
