/**
 * Process entry: sleeps for a set time, over and over, and records how late it was woken.
 *
 * It sleeps in `Atomics.wait`, not in a timer: a futex wait comes straight back to this line, while a timer has the
 * phases of the event loop around it (on a loaded two-core machine its own jitter was ten times larger at p99). The
 * event loop runs after every 8 ms or so, for messages of the parent.
 */
import { serve } from '../processes/rpc.ts';
import { CORE, type CoreReading } from './protocol.ts';
import { HiccupRecorder } from './recorder.ts';

const STRETCH_MS = 8;

const neverNotified = new Int32Array(new SharedArrayBuffer(4));
const nowMicros = () => performance.now() * 1000;
let recorder: HiccupRecorder | null = null;

function sleepOn(meter: HiccupRecorder, sleepMs: number): void {
  for (let sleptMs = 0; sleptMs < STRETCH_MS; sleptMs += sleepMs) {
    Atomics.wait(neverNotified, 0, 0, sleepMs);
    meter.wake(nowMicros());
  }
  setImmediate(sleepOn, meter, sleepMs);
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
    setImmediate(sleepOn, recorder, sleepMs);
    return null;
  },
  mark: () => read((meter) => meter.mark(nowMicros())),
  total: () => read((meter) => meter.total(nowMicros())),
});
