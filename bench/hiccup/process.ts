/**
 * Process entry: sleeps a millisecond or as long as it is told, over and over, and records how late it was woken.
 *
 * It sleeps in `Atomics.wait`, not in a timer: a futex wait comes straight back to this line, while a timer has the
 * phases of the event loop around it (on a loaded two-core machine its own jitter was ten times larger at p99). The
 * event loop is let in after some 8 ms, to hear the parent.
 */
import { serve } from '../processes/rpc.ts';
import { CORE, type CoreReading } from './protocol.ts';
import { HiccupRecorder } from './recorder.ts';

const TURN_MS = 8;

const nobodyWakesThis = new Int32Array(new SharedArrayBuffer(4));
const nowMicros = () => performance.now() * 1000;
let recorder: HiccupRecorder | null = null;

function turn(meter: HiccupRecorder, sleepMs: number): void {
  for (let sleptMs = 0; sleptMs < TURN_MS; sleptMs += sleepMs) {
    Atomics.wait(nobodyWakesThis, 0, 0, sleepMs);
    meter.wake(nowMicros());
  }
  setImmediate(turn, meter, sleepMs);
}

function read(pick: (recorder: HiccupRecorder) => CoreReading): CoreReading {
  if (recorder === null) throw new TypeError('it has not been started');
  const reading = pick(recorder);
  recorder.resume(nowMicros());
  return reading;
}

serve(CORE, {
  start({ sleepMs }) {
    recorder = new HiccupRecorder(sleepMs * 1000, nowMicros());
    setImmediate(turn, recorder, sleepMs);
    return null;
  },
  mark: () => read((meter) => meter.mark(nowMicros())),
  total: () => read((meter) => meter.total(nowMicros())),
});
