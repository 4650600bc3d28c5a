/** Burns a known CPU time. */
import { openCpuWait } from '../../processes/threads/cpu-wait.ts';

/** Between two readings of the clock further apart than this, another process may have had the CPU. */
const SUSPICIOUS_MICROS = 20;

/**
 * Some 4 µs of arithmetic between two readings. Reading the clock allocates a number: doing nothing else would leave
 * enough garbage that its collection, which is CPU time too, would go uncounted.
 */
const STEPS_PER_READING = 3000;

let unused = 1;

function work(): void {
  let value = unused;
  for (let step = 0; step < STEPS_PER_READING; step++) value = (Math.imul(value, 1664525) + 1013904223) | 0;
  unused = value; // stored, so that the compiler cannot drop the work
}

/** The wait of the thread that loads this module; always 0 where the system does not account for it. */
const waitedMicros = openCpuWait() ?? (() => 0);

/**
 * Runs until it has been on the CPU for `micros`. The kernel's own CPU clock moves in ticks of milliseconds while a
 * thread runs, too coarse for one request. So the wall clock is read all the time, and from each gap in it the time is
 * taken that the thread had to wait. What is left of a gap (an interrupt, a hypervisor that ran another guest) counts,
 * as it does in the kernel's account of CPU time.
 * @returns the µs that were burned by this count
 */
export function burn(micros: number, nowMicros: () => number, waited: () => number = waitedMicros): number {
  let burned = 0;
  let last = nowMicros();
  let waitedBefore = waited(); // after the clock: asking is CPU time burned, too
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

/** @returns the µs that `run` was on the CPU, by the same account */
export function onCpuMicros(run: () => void, nowMicros: () => number, waited: () => number = waitedMicros): number {
  const waitedBefore = waited();
  const start = nowMicros();
  run();
  const spent = nowMicros() - start;
  return spent < SUSPICIOUS_MICROS ? spent : spent - (waited() - waitedBefore);
}
