/**
 * Process entry: sleeps 1 ms, over and over, and records how late it was woken.
 *
 * It sleeps in `Atomics.wait`, not in a timer: a futex wait comes straight back to this line, while a timer has the
 * phases of the event loop around it (on a loaded two-core machine its own jitter was ten times larger at p99). The
 * event loop is let in after every eight sleeps, to hear the parent.
 */
import { serveParent } from '../load/open-child.ts';
import { toCore } from './messages.ts';
import { HiccupRecorder } from './recorder.ts';

const SLEEP_MS = 1;
const SLEEPS_PER_TURN = 8;

const nobodyWakesThis = new Int32Array(new SharedArrayBuffer(4));
const nowMicros = () => performance.now() * 1000;
let recorder: HiccupRecorder | null = null;

function turn(meter: HiccupRecorder): void {
  for (let i = 0; i < SLEEPS_PER_TURN; i++) {
    Atomics.wait(nobodyWakesThis, 0, 0, SLEEP_MS);
    meter.wake(nowMicros());
  }
  setImmediate(turn, meter);
}

serveParent((message) => {
  if (!toCore.Check(message)) throw new TypeError('unexpected message');
  if (recorder === null) {
    recorder = new HiccupRecorder(SLEEP_MS * 1000, nowMicros());
    setImmediate(turn, recorder);
    return { type: 'started' };
  }
  const reading = message.type === 'total' ? recorder.total(nowMicros()) : recorder.mark(nowMicros());
  recorder.resume(nowMicros());
  return { type: 'reading', reading };
});
